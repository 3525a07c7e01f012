using VoiceWorker.Verbs.Shell;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>Verbs that need the worker's own tables, on a database that lacks them: none, or those of a later
/// version.</summary>
public sealed class SchemaMissingTests(TestServers servers)
{
    [Theory]
    [FullRunData("audit", "list")]
    [FullRunData("audit", "show", "--type", "CallVoiceResolved")]
    [InlineData("audit", "verify")]
    [FullRunData("audit", "replay", "--all")]
    [InlineData("voice", "set", "--business", "1", "--voice", "sage")]
    [InlineData("pause", "--all")]
    [FullRunData("drain", "web-1")]
    public async Task A_verb_names_what_a_database_lacks_that_was_never_migrated(params string[] verb)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);

        var (code, output) = await VerbUnderTest.RunAsync(
            RunningWorker.Connections(database.ConnectionString, servers), verb);

        Assert.Equal(ExitCode.VerificationFailed, code);
        Assert.Contains("business.voice_id", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP TABLE voice.operator_action", "voice.operator_action is missing", "audit", "verify")]
    [FullRunData("DROP FUNCTION voice.record_act", "voice.record_act is missing", "verify")]
    [InlineData("DROP FUNCTION voice.record_act", "voice.record_act is missing", "voice", "set", "--business", "1", "--voice", "sage")]
    public async Task A_verb_names_what_an_earlier_version_did_not_have(string deed, string missing, params string[] verb)
    {
        await using var database = await LegacyDatabase.CreateMigratedAsync(servers.Postgres);
        await database.ExecuteAsync(deed);

        var (code, output) = await VerbUnderTest.RunAsync(servers, database, verb);

        Assert.Equal(ExitCode.VerificationFailed, code);
        Assert.Contains(missing, output, StringComparison.Ordinal);
    }
}
