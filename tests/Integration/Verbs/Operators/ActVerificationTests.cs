using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Audit;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs.Operators;

/// <summary>What somebody does by hand to the record of what operators did is found and named.</summary>
public sealed class ActVerificationTests(TestServers servers)
{
    [Theory]
    [FullRunData("DELETE FROM voice.operator_action", "rowMissing: voice set by ", " is missing in voice.operator_action")]
    [InlineData("DELETE FROM voice.outbox WHERE stream = 'operators'", "eventMissing: voice set by ", " of the row in voice.operator_action is missing")]
    [FullRunData("UPDATE voice.operator_action SET operator = 'nobody@nowhere'", "valueDiffers: voice set by nobody@nowhere at ",
        "operator is \"nobody@nowhere\" in voice.operator_action and \"")]
    [InlineData("UPDATE voice.operator_action SET counts = '{\"updated\": 2, \"rejected\": 0}'", "valueDiffers: voice set by ",
        "counts is {\"updated\":2,\"rejected\":0} in voice.operator_action and {\"updated\":1,\"rejected\":0} in event ")]
    [InlineData("UPDATE voice.operator_action SET filter = '{\"voice\": 1}'", "rowUnreadable: voice set by ", "filter is {\"voice\": 1}")]
    public async Task A_row_or_an_event_that_was_removed_or_altered_is_named(string deed, params string[] told)
    {
        await using var database = await servers.Migrated.CopyAsync();
        await VerbUnderTest.RunAsync(servers, database, "voice", "set", "--business", "1", "--voice", "sage", "--note", "why");
        var (before, unaltered) = await VerbUnderTest.RunAsync(servers, database, "audit", "verify");
        await database.ExecuteAsync(deed);

        var (after, output) = await VerbUnderTest.RunAsync(servers, database, "audit", "verify");

        Assert.Equal((0, 9), (before, after));
        Assert.Contains("3 rows", unaltered, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => told.All(part => line.Contains(part, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_act_that_a_promoted_standby_lacks_comes_back_as_it_was()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await VerbUnderTest.RunAsync(servers, database, "voice", "set", "--business", "1", "--voice", "sage", "--note", "it's why");
        var row = await database.ScalarAsync<string>("SELECT to_jsonb(act)::text FROM voice.operator_action AS act");
        var id = await database.ScalarAsync<Guid>("DELETE FROM voice.operator_action RETURNING action_id");
        var body = await database.ScalarAsync<string>("SELECT body::text FROM voice.outbox WHERE stream = 'operators'");
        var told = (OperatorActed)AuditJson.Read(typeof(OperatorActed), body) with { EventId = id, Stream = "operators" };

        await using (var connections = new PostgresConnections(database.WorkerConnectionString, "public"))
        await using (var session = await connections.OpenAsync(TestContext.Current.CancellationToken))
        {
            for (var time = 0; time < 2; time++)
                await OperatorActionTable.RestoreAsync(session, [told], TestContext.Current.CancellationToken);
        }

        Assert.Equal(row, await database.ScalarAsync<string>("SELECT to_jsonb(act)::text FROM voice.operator_action AS act"));
        Assert.Equal(0, (await VerbUnderTest.RunAsync(servers, database, "audit", "verify")).Code);
    }
}
