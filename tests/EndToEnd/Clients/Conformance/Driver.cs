using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>A running driver: commands in, answers and events out (clients/conformance/README.md).</summary>
internal sealed class Driver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> _asked = [];
    private readonly ConcurrentQueue<JsonObject> _events = [];
    private readonly ConcurrentQueue<string> _otherLines = [];
    private readonly ConcurrentQueue<string> _log = [];
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Process _process;
    private int _lastId;

    private Driver(Process process) => _process = process;

    /// <summary>What its audit consumer has handled, in order.</summary>
    public IReadOnlyList<JsonObject> Events => [.. _events];

    /// <summary>What it has logged.</summary>
    public IReadOnlyList<string> Log => [.. _log];

    public static Driver Start(Language language, string folder, IEnumerable<Uri> nodes)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"exec {language.Start}"])
        {
            WorkingDirectory = Repository.File("."),
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["OUT"] = folder;
        start.Environment["AMQP_URLS"] = string.Join(' ', nodes.Select(node => node.OriginalString));
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        var driver = new Driver(new Process { StartInfo = start });
        driver._process.OutputDataReceived += (_, line) => driver.Hear(line.Data);
        driver._process.ErrorDataReceived += (_, line) => driver.Note(line.Data);
        driver._process.Start();
        driver._process.BeginOutputReadLine();
        driver._process.BeginErrorReadLine();
        Watchdog.Over(driver._process.Id);
        return driver;
    }

    /// <summary>Has a command carried out; returns its answer.</summary>
    public async Task<JsonObject> AskAsync(JsonObject command)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _asked.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        var line = new JsonObject(command.Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone()))) { ["id"] = id };
        await _writing.WaitAsync(Token);
        try
        {
            await _process.StandardInput.WriteLineAsync(line.ToJsonString());
            await _process.StandardInput.FlushAsync(Token);
        }
        finally
        {
            _writing.Release();
        }

        try
        {
            return await answer.Task.WaitAsync(Waits.Longest + Waits.Longest, Token);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"{line.ToJsonString()} was not answered: {string.Join('\n', _log.TakeLast(20))}");
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(Token);
    }

    /// <summary>Its input ends; it has to end well, without having said anything else.</summary>
    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Waits.Longest);
        await _process.WaitForExitAsync(patience.Token);
        Assert.True(_process.ExitCode == 0, $"ended with {_process.ExitCode}: {string.Join('\n', _log.TakeLast(20))}");
        Assert.Empty(_otherLines);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _writing.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        if (Parse(line) is not { } said)
            _otherLines.Enqueue(line);
        else if (said["event"] is JsonObject handled)
            _events.Enqueue(handled);
        else if (said["id"] is JsonValue id && _asked.TryRemove((int)id, out var answer))
            answer.TrySetResult(said);
        else
            _otherLines.Enqueue(line);
    }

    private void Note(string? line)
    {
        if (line is not null)
            _log.Enqueue(line);
    }

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
