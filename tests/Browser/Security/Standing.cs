namespace VoiceWorker.Tests.Browser.Security;

/// <summary>All that an act could have changed.</summary>
internal sealed record Standing(long Acts, long Paused, string Voices)
{
    private const string ActsSql = "SELECT count(*) FROM voice.operator_action";
    private const string PausedSql = "SELECT count(*) FROM voice.queue_pause";
    private const string VoicesSql = "SELECT coalesce(string_agg(voice_id, ',' ORDER BY id), '') FROM business";

    /// <summary>With which every act would do something, or at least look for it.</summary>
    public static IReadOnlyDictionary<string, string> Fields { get; } = new Dictionary<string, string>
    {
        ["limit"] = "1", ["queue"] = "voice-worker.call-started", ["business"] = "2", ["voice"] = "echo", ["note"] = "forged",
    };

    /// <summary>All dead letters have to be there; whoever reads them holds them for a moment.</summary>
    public static async Task<Standing> OfAsync(SharedConsole shared)
    {
        await Traffic.LieAsync(shared.Broker, SharedConsole.Letters);
        return new(
            await shared.Database.ScalarAsync<long>(ActsSql), await shared.Database.ScalarAsync<long>(PausedSql),
            await shared.Database.ScalarAsync<string>(VoicesSql));
    }
}
