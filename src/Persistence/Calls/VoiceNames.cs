using VoiceWorker.Contracts;

namespace VoiceWorker.Persistence.Calls;

/// <summary>How sources, reasons and rejections are written in the database: as on the wire.</summary>
internal static class VoiceNames
{
    public static string NameOf(VoiceSource source) => source switch
    {
        VoiceSource.Business => "business",
        VoiceSource.Default => "default",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, null),
    };

    public static string NameOf(VoiceReason reason) => reason switch
    {
        VoiceReason.BusinessVoice => "businessVoice",
        VoiceReason.UnknownBusiness => "unknownBusiness",
        VoiceReason.NoVoice => "noVoice",
        VoiceReason.UnsupportedVoice => "unsupportedVoice",
        VoiceReason.DatabaseUnavailable => "databaseUnavailable",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };

    public static VoiceSource SourceOf(string name) =>
        Enum.GetValues<VoiceSource>().First(source => NameOf(source) == name);

    public static VoiceReason ReasonOf(string name) =>
        Enum.GetValues<VoiceReason>().First(reason => NameOf(reason) == name);
}
