using System.Diagnostics;
using System.Globalization;

namespace VoiceWorker.Bench;

/// <summary>One read or write of the application; the error is empty when it went well.</summary>
internal sealed record Operation(DateTimeOffset EndedAt, bool IsWrite, double Milliseconds, string Error);

/// <summary>Several processes of application.py: half of them map voice_id.</summary>
internal sealed class LegacyApplication : IAsyncDisposable
{
    private const int Clients = 4;
    private const int RatePerClient = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("voice-bench-").FullName;
    private readonly List<Process> _processes = [];

    public LegacyApplication(BenchDatabase database, int rows)
    {
        for (var client = 0; client < Clients; client++)
        {
            var (file, mapping) = (Path.Combine(_folder, $"{client}.csv"), client % 2 == 0 ? "without" : "with");
            _processes.Add(PythonScript.Start(
                "application.py", database, start => start.RedirectStandardInput = true,
                file, mapping, $"{rows}", $"{RatePerClient}"));
        }
    }

    /// <summary>Ends it and returns every operation.</summary>
    public async Task<IReadOnlyList<Operation>> StopAsync(CancellationToken cancellationToken)
    {
        foreach (var process in _processes)
            process.StandardInput.Close();
        foreach (var process in _processes)
            await process.WaitForExitAsync(cancellationToken);
        return [.. Directory.GetFiles(_folder).SelectMany(File.ReadLines).Select(Parse)];
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static Operation Parse(string line)
    {
        var parts = line.Split(',', 4);
        var ended = DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(parts[0], CultureInfo.InvariantCulture));
        return new(ended, parts[1] == "write", double.Parse(parts[2], CultureInfo.InvariantCulture), parts[3]);
    }
}
