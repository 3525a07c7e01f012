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

    /// <exception cref="FormatException">There is none of that name.</exception>
    public static VoiceSource SourceOf(string name) => Find<VoiceSource>("source", name, NameOf);

    /// <exception cref="FormatException">There is none of that name.</exception>
    public static VoiceReason ReasonOf(string name) => Find<VoiceReason>("reason", name, NameOf);

    private static T Find<T>(string column, string name, Func<T, string> nameOf) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (nameOf(value) == name)
                return value;
        }

        throw new FormatException($"{column} is \"{name}\"");
    }
}
