using System.Diagnostics;
using Npgsql;
using VoiceWorker.Persistence.Schema;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Direct;

/// <summary>An application with SQLAlchemy beside a worker: what its ORM writes becomes audit events.</summary>
public sealed class SqlAlchemyTests(TestServers servers)
{
    private static readonly string Script = Repository.File("tests/EndToEnd/Direct/shop.py");

    [Fact]
    public async Task What_its_ORM_writes_is_told_in_order_with_who()
    {
        await using var worker = await RunningWorker.StartAsync(servers);
        await using (var migrator = new MigratorUnderTest(worker.Database.MigratorConnectionString, direct: DirectChanges.Capture))
            await migrator.ApplyAsync();

        await RunAsync(worker, 7, "sage");
        await RunAsync(worker, 7, "sage");
        await RunAsync(worker, 7, "marin", "user:7");
        await RunAsync(worker, 4711, "coral");

        var role = new NpgsqlConnectionStringBuilder(worker.Database.ConnectionString).Username;
        var events = await worker.Audit.OfBusinessAsync(7, 2);
        Assert.Equal(
            [("1", "ash", "sage", $"db:{role}"), ("2", "sage", "marin", "user:7")],
            events.Select(one => (one.Field("sequence"), one.Field("previousVoiceId"), one.Field("voiceId"), one.Field("changedBy"))));
        Assert.Equal("coral", (await worker.Audit.OfBusinessAsync(4711, 1))[0].Field("voiceId"));
    }

    private static async Task RunAsync(RunningWorker worker, int businessId, string voice, params string[] user)
    {
        var server = new NpgsqlConnectionStringBuilder(worker.Database.ConnectionString);
        var url = $"postgresql+psycopg2://{server.Username}:{server.Password}@{server.Host}:{server.Port}/{server.Database}";
        // Debian's interpreter is the one that Debian's python3-sqlalchemy is for.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var start = new ProcessStartInfo(python, [Script, url, $"{businessId}", voice, .. user])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await errors);
        Assert.Equal(voice, said.Trim());
    }
}
