using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Examples;

/// <summary>A program that is shown to users, with what it has said so far.</summary>
internal sealed partial class ExampleProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private ExampleProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
    }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public static ExampleProcess Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var example = new ExampleProcess(new Process { StartInfo = start });
        example._process.Start();
        example._process.BeginOutputReadLine();
        example._process.BeginErrorReadLine();
        Watchdog.Over(example._process.Id);
        return example;
    }

    /// <summary>Returns when it has said a line that begins like that.</summary>
    public Task SaysAsync(string start) =>
        HearsAsync(line => line.StartsWith(start, StringComparison.Ordinal), $"said {start}");

    /// <summary>Returns when a consumer has told of so many replayed events.</summary>
    public Task SaysReplayedAsync(int events) =>
        HearsAsync(line => Counts().Match(line) is { Success: true } counts && Parse(counts.Groups[1]) >= events, $"told of {events} replayed events");

    private async Task HearsAsync(Func<string, bool> expected, string what)
    {
        await Polling.UntilAsync(_ => Task.FromResult(_process.HasExited || Lines.Any(expected)), Patience, Token);
        Assert.True(Lines.Any(expected), $"It has not {what}, but: {string.Join('\n', Lines.TakeLast(50))}");
    }

    /// <summary>What it reads comes to its end.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Token);
    }

    /// <summary>Returns the exit code when it has ended by itself and all output is read.</summary>
    public async Task<int> EndsAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Returns when it has ended by itself with exit code 0.</summary>
    public async Task EndsWellAsync() => Assert.True(await EndsAsync() == 0, string.Join('\n', Lines.TakeLast(50)));

    /// <summary>SIGTERM; returns the exit code.</summary>
    public Task<int> TerminateAsync()
    {
        Signal.Send(_process.Id, Signal.Terminate);
        return EndsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
            _lines.Add(line);
    }

    private static int Parse(Capture digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("replayed ([0-9]+)")]
    private static partial Regex Counts();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
