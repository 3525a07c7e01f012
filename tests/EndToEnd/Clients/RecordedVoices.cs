using Npgsql;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>What a worker has recorded for each call.</summary>
internal static class RecordedVoices
{
    /// <summary>Call → voice.</summary>
    public static async Task<Dictionary<string, string>> ReadAsync(LegacyDatabase database)
    {
        var token = TestContext.Current.CancellationToken;
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("SELECT call_id, voice_id FROM voice.call_voice");
        await using var rows = await command.ExecuteReaderAsync(token);
        var recorded = new Dictionary<string, string>();
        while (await rows.ReadAsync(token))
            recorded.Add(rows.GetString(0), rows.GetString(1));
        return recorded;
    }
}
