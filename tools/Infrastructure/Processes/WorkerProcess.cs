using System.Diagnostics;
using System.Net;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Infrastructure.Processes;

/// <summary>The worker as a child process of its own, reached by HTTP and by signals.</summary>
public sealed class WorkerProcess : IWorker
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(2);
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly Process _process;
    private readonly OutputTail _output = new(capacity: 5000);

    private WorkerProcess(Process process, Uri http)
    {
        (_process, Http) = (process, http);
        _process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
    }

    /// <summary>The worker's assembly: what the environment variable VOICE_WORKER_DLL names, or the one beside us.</summary>
    public static string Dll { get; } = Environment.GetEnvironmentVariable("VOICE_WORKER_DLL") is { Length: > 0 } published
        ? published : Path.Combine(AppContext.BaseDirectory, "VoiceWorker.dll");

    /// <summary>Where the worker listens.</summary>
    public Uri Http { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>True when the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The last 5000 lines of stdout and stderr.</summary>
    public IReadOnlyList<string> Output => _output.Lines();

    /// <summary>
    /// Starts <c>program args --urls http://127.0.0.1:port</c>, by <c>dotnet</c> where it is an assembly;
    /// <paramref name="environment"/> is added to the environment of this process.
    /// </summary>
    public static WorkerProcess Start(
        string program, IReadOnlyDictionary<string, string> environment, IEnumerable<string> args)
    {
        var http = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        return Start(program, environment, [.. args, "--urls", http.ToString().TrimEnd('/')], http);
    }

    /// <summary>Starts <c>program args</c>, a verb that listens at <paramref name="http"/> as its arguments say.</summary>
    public static WorkerProcess Start(
        string program, IReadOnlyDictionary<string, string> environment, IEnumerable<string> args, Uri http)
    {
        string[] runtime = program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet"] : [];
        string[] command = [.. runtime, program, .. args];
        // What a shell starts in the background ignores Ctrl-C, and so does all that is started from there.
        if (OperatingSystem.IsLinux())
            command = ["env", "--default-signal=INT", .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var worker = new WorkerProcess(new Process { StartInfo = start }, http);
        worker.Begin();
        return worker;
    }

    private void Begin()
    {
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Watchdog.Over(Id);
    }

    /// <summary>Returns when GET /health/ready answers 200.</summary>
    /// <exception cref="InvalidOperationException">The process ended first, or 60 s have passed.</exception>
    public async Task WaitReadyAsync(CancellationToken cancellationToken)
    {
        var ready = await Polling.UntilAsync(
            async token => _process.HasExited || await IsReadyAsync(Http, token), ReadyLimit, cancellationToken);
        if (_process.HasExited)
            throw Failure($"The worker ended with {await WaitForExitAsync(cancellationToken)} before it was ready");
        if (!ready)
            throw Failure($"The worker was not ready after {ReadyLimit}");
    }

    /// <summary>Whether GET /health/ready answers 200 there.</summary>
    public static async Task<bool> IsReadyAsync(Uri http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Client.GetAsync(new Uri(http, "/health/ready"), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    /// <exception cref="InvalidOperationException">The process is still there after 60 s.</exception>
    public Task<int> TerminateAsync(CancellationToken cancellationToken) =>
        EndAsync(Signal.Terminate, "SIGTERM", cancellationToken);

    /// <summary>SIGINT, as by Ctrl-C; returns the exit code.</summary>
    /// <exception cref="InvalidOperationException">The process is still there after 60 s.</exception>
    public Task<int> InterruptAsync(CancellationToken cancellationToken) =>
        EndAsync(Signal.Interrupt, "SIGINT", cancellationToken);

    private async Task<int> EndAsync(int signal, string name, CancellationToken cancellationToken)
    {
        Send(signal);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StopLimit);
        try
        {
            return await WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"The worker did not end within {StopLimit} of {name}");
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => Send(Signal.Kill);

    /// <summary>SIGSTOP.</summary>
    public void Suspend() => Send(Signal.Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Send(Signal.Continue);

    /// <summary>Returns the exit code, 128 + n after signal n, when all output has been read.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void Send(int signal)
    {
        if (!_process.HasExited)
            Signal.Send(_process.Id, signal);
    }

    private InvalidOperationException Failure(string what) =>
        new($"{what}. Its output:{Environment.NewLine}{string.Join(Environment.NewLine, Output)}");
}
