using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace VoiceWorker.MigrationBench;

/// <summary>Several processes of application.py: half of them map voice_id.</summary>
internal sealed class Application : IAsyncDisposable
{
    private const int Clients = 4;
    private const int RatePerClient = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("voice-bench-").FullName;
    private readonly List<Process> _processes = [];

    public static Application Start(BenchDatabase database)
    {
        var server = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var url = $"postgresql+psycopg2://{server.Username}:{server.Password}@{server.Host}:{server.Port}/{server.Database}";
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var application = new Application();
        for (var client = 0; client < Clients; client++)
        {
            application._processes.Add(Process.Start(new ProcessStartInfo(python,
            [
                Path.Combine(AppContext.BaseDirectory, "application.py"), url, Path.Combine(application._folder, $"{client}.csv"),
                client % 2 == 0 ? "without" : "with", $"{database.Rows}", $"{RatePerClient}",
            ])
            {
                RedirectStandardInput = true,
            })!);
        }

        return application;
    }

    /// <summary>Ends it and returns every operation.</summary>
    public async Task<IReadOnlyList<Operation>> StopAsync()
    {
        foreach (var process in _processes)
            process.StandardInput.Close();
        foreach (var process in _processes)
            await process.WaitForExitAsync();
        return [.. Directory.GetFiles(_folder).SelectMany(File.ReadLines).Select(Parse)];
    }

    private static Operation Parse(string line)
    {
        var parts = line.Split(',', 4);
        return new Operation(
            DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(parts[0], CultureInfo.InvariantCulture)), parts[1] == "write",
            double.Parse(parts[2], CultureInfo.InvariantCulture), parts[3]);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
