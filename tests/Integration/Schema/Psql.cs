using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;
using VoiceWorker.Infrastructure.Servers;
using Xunit;

namespace VoiceWorker.Tests.Integration.Schema;

/// <summary>psql and pg_dump, as a DBA runs them.</summary>
internal static partial class Psql
{
    /// <summary>Runs a script as a DBA does.</summary>
    public static async Task RunAsync(string connectionString, string script)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
            await RunProgramAsync("psql", connectionString, "--no-psqlrc", "--quiet", "--file", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The catalog as SQL.</summary>
    public static async Task<string> DumpSchemaAsync(string connectionString)
    {
        var dump = await RunProgramAsync("pg_dump", connectionString, "--schema-only");
        // A key against injection, drawn anew for each dump; and the moment at which Marten made a table of its daemon.
        return MomentOfCreation().Replace(
            string.Join('\n', dump.Split('\n').Where(line => !line.Contains("restrict ", StringComparison.Ordinal))), "DEFAULT 'moment'");
    }

    private static async Task<string> RunProgramAsync(string program, string connectionString, params string[] arguments)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        var folder = await PostgresClient.FindAsync(new ServerOptions(), TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo(Path.Combine(folder, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["PGHOST"], start.Environment["PGPORT"]) = (server.Host, $"{server.Port}");
        (start.Environment["PGUSER"], start.Environment["PGPASSWORD"]) = (server.Username, server.Password);
        start.Environment["PGDATABASE"] = server.Database;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output;
    }

    [GeneratedRegex(@"DEFAULT '\d{4}-\d\d-\d\d [^']*'")]
    private static partial Regex MomentOfCreation();
}
