using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>The Python client as its users have it: a wheel in an environment of its own, outside of this repository.</summary>
public sealed class PythonWheel : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("voice-worker-python-").FullName;

    /// <summary>The interpreter that has it, and Debian's packages.</summary>
    internal string Python => Path.Combine(_folder, "venv", "bin", "python");

    /// <summary>Of the client.</summary>
    internal static string Source => Repository.File("clients/python");

    public async ValueTask InitializeAsync()
    {
        var wheel = Assert.Single(await PackedClient.FilesAsync("python", _folder));
        // Debian's interpreter is the one that Debian's packages are for.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        await RunAsync(python, "-m", "venv", "--system-site-packages", Path.Combine(_folder, "venv"));
        await RunAsync(Python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static Task<string> RunAsync(params string[] command) =>
        Command.RunAsync(command, TestContext.Current.CancellationToken);
}
