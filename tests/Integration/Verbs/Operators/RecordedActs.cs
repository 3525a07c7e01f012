using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary>What is recorded of what operators did.</summary>
internal static class RecordedActs
{
    // Who runs the tests runs the verbs.
    private static readonly string Operator = $"{Environment.UserName}@{Environment.MachineName}";

    /// <summary>Each act in one line: verb, filter, counts, result, note. All have this user, a time of just now, and one
    /// event that waits in the outbox and says the same.</summary>
    /// <param name="role">Of an operator who has one of his own.</param>
    public static async Task<IReadOnlyList<string>> ReadAsync(LegacyDatabase database, string? role = null)
    {
        var acts = await database.ScalarAsync<string[]>($"""
            SELECT coalesce(array_agg(concat_ws(' ', verb, filter, counts, result, note) ORDER BY acted_at), array[]::text[])
            FROM voice.operator_action WHERE operator = '{(role is null ? Operator : $"db:{role} as {Operator}")}' AND now() - acted_at < interval '1 hour'
            """);
        Assert.Equal(acts, await database.ScalarAsync<string[]>("""
            SELECT coalesce(array_agg(concat_ws(
                ' ', told->>'verb', told->'filter', told->'counts', told->>'result', told->>'note') ORDER BY acted_at), array[]::text[])
            FROM voice.operator_action JOIN voice.outbox ON event_id = action_id AND stream = 'operators' AND type = 'OperatorActed',
                 LATERAL (SELECT body::jsonb AS told) AS event
            WHERE told->>'operator' = operator AND (told->>'occurredAt')::timestamptz = acted_at
            """));
        Assert.Equal(acts.Length, await database.ScalarAsync<long>("SELECT count(*) FROM voice.operator_action"));
        Assert.Equal(acts.Length, await database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox WHERE stream = 'operators'"));
        return acts;
    }
}
