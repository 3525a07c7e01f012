using VoiceWorker.Verbs.Shell;
using Xunit;

namespace VoiceWorker.Tests.Integration.Verbs;

/// <summary>Verbs that need the worker's own tables, on a database that lacks them: none, or those of a later
/// version.</summary>
public sealed class SchemaMissingTests(TestServers servers)
{
    [Theory]
    [InlineData("audit", "list")]
    [InlineData("audit", "show", "--type", "CallVoiceResolved")]
    [InlineData("audit", "verify")]
    [InlineData("audit", "replay", "--all")]
    [InlineData("voice", "set", "--business", "1", "--voice", "sage")]
    public async Task A_verb_names_what_a_database_lacks_that_was_never_migrated(params string[] verb)
    {
        await using var database = await LegacyDatabase.CreateAsync(servers.Postgres);

        var (code, output) = await VerbUnderTest.RunAsync(
            RunningWorker.Connections(database.ConnectionString, servers), verb);

        Assert.Equal(ExitCode.VerificationFailed, code);
        Assert.Contains("business.voice_id", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_verification_names_what_an_earlier_version_did_not_have()
    {
        await using var database = await LegacyDatabase.CreateMigratedAsync(servers.Postgres);
        await database.ExecuteAsync("DROP TABLE voice.operator_action");

        var (code, output) = await VerbUnderTest.RunAsync(servers, database, "audit", "verify");

        Assert.Equal(ExitCode.VerificationFailed, code);
        Assert.Contains("voice.operator_action", output, StringComparison.Ordinal);
    }
}
