using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>One client in a behaviour: does the steps that are about clients, until one fails.</summary>
internal sealed class Actor : IAsyncDisposable
{
    private readonly Language _language;
    private readonly string _folder;
    private readonly int _number;
    private readonly Scene _scene;
    private readonly string _ledger;
    private readonly List<JsonObject> _events = [];
    private Driver _driver;
    private CallStream? _calls;
    private Task<JsonObject>? _begun;

    public Actor(Language language, string folder, int number, Scene scene)
    {
        (_language, _folder, _number, _scene) = (language, folder, number, scene);
        _ledger = Path.Combine(folder, $"{Guid.NewGuid():N}.ledger");
        _driver = Start();
    }

    public string Language => _language.Name;

    /// <summary>Of the first step that failed.</summary>
    public string? Failure { get; private set; }

    public IReadOnlyList<string> Log => _driver.Log;

    /// <summary>Does a step, unless one has failed before.</summary>
    public async Task DoAsync(JsonObject step, Waiting waiting)
    {
        if (Failure is not null)
            return;
        try
        {
            await DoToClientAsync(Fill(step), waiting);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Failure = $"{Language}: {step.ToJsonString()}: {error.Message}\n{string.Join('\n', Log.TakeLast(10))}";
        }
    }

    /// <summary>Ends its client.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _driver.EndAsync();
        }
        catch (Exception error)
        {
            Failure ??= $"{Language}: at its end: {error.Message}";
        }
    }

    public ValueTask DisposeAsync() => _driver.DisposeAsync();

    private Driver Start() => Driver.Start(_language, _folder, _scene.Ways);

    private Task DoToClientAsync(JsonObject step, Waiting waiting) => step.First().Key switch
    {
        "voiceFor" or "changeVoice" => AskAsync(step),
        "begin" => Task.FromResult(_begun = _driver.AskAsync(Command(step["begin"]!.AsObject()))),
        "end" => AnsweredAsync(step),
        "counts" => CountAsync(step["counts"]!.AsObject()),
        "heard" => HeardAsync(step),
        "calls" => (string)step["calls"]! == "begin" ? BeginCallsAsync(step) : EndCallsAsync(step, waiting),
        "hear" => _calls!.HearsAsync((string)step["hear"]!, (int)step["times"]!),
        "consume" => ConsumeAsync(step["consume"]!.AsObject()),
        "events" => EventsAsync(Sequences(step["events"])),
        "eventsAtLeastOnce" => EventsAtLeastOnceAsync(Sequences(step["eventsAtLeastOnce"])),
        "altered" => Altered(Sequences(step["altered"])),
        "gaps" => GapsAsync(step["gaps"]!.AsArray()),
        "queue" => EmptyAsync(),
        "driver" => (string)step["driver"]! == "kill" ? KillAsync() : Task.FromResult(_driver = Start()),
        var unknown => throw new InvalidOperationException($"nothing is known of the step {unknown}"),
    };

    private async Task AskAsync(JsonObject step)
    {
        var command = Command(step);
        var answer = await _driver.AskAsync(command);
        Expectation.Assert(step, answer);
        if ((string?)answer["reason"] == "timeout")
            Assert.InRange((double)answer["ms"]!, 0, (Math.Max(0, (double)command["timeout"]!) * 2000) + 1_000);
    }

    private async Task AnsweredAsync(JsonObject step) => Expectation.Assert(step, await _begun!);

    private static JsonObject Command(JsonObject step)
    {
        var (name, arguments) = step.First();
        var command = new JsonObject { ["do"] = name, ["timeout"] = 20 };
        if (name == "voiceFor")
            command["default"] = "ash";
        foreach (var (field, value) in arguments!.AsObject())
            command[field] = value?.DeepClone();
        return command;
    }

    private async Task CountAsync(JsonObject expected)
    {
        JsonObject? counts = null;
        await Polling.UntilAsync(
            async _ => Expectation.Holds(expected, counts = await _driver.AskAsync(new() { ["do"] = "counts" })), Waits.Prompt, Token);
        Expectation.Assert(new() { ["counts"] = null, ["gives"] = expected.DeepClone() }, counts!);
    }

    private async Task HeardAsync(JsonObject step)
    {
        var fields = step["heard"]!.AsObject();
        Assert.True(await Polling.UntilAsync(_ => Task.FromResult(_scene.Heard(fields) is not null), Waits.Prompt, Token));
        Expectation.AssertMessage(_scene.Heard(fields)!, (bool)step["expires"]!);
    }

    private Task BeginCallsAsync(JsonObject step)
    {
        _calls = CallStream.Begin(_driver, Language.Replace(' ', '-'), (double?)step["timeout"] ?? 0.3);
        return Task.CompletedTask;
    }

    private async Task EndCallsAsync(JsonObject step, Waiting waiting)
    {
        await _calls!.EndAsync();
        var truth = await _scene.TruthAsync();
        Assert.InRange(_calls.Done.Count, CallStream.Least, int.MaxValue);
        foreach (var (call, answer) in _calls.Done)
        {
            Assert.True(answer["error"] is null, answer.ToJsonString());
            var expected = CallStream.IsAnswer(answer) ? truth(call) : "ash";
            Assert.True((string?)answer["voiceId"] == expected, $"{call.ToJsonString()} must get {expected}: {answer.ToJsonString()}");
        }

        if (step["allAnswered"] is not null)
            Assert.All(_calls.Done, one => Assert.True(CallStream.IsAnswer(one.Answer), one.Answer.ToJsonString()));
        else
            waiting.AssertKept(Language, [.. _calls.Done.Select(one => (double)one.Answer["ms"]!)]);
    }

    private Task ConsumeAsync(JsonObject arguments)
    {
        var command = new JsonObject { ["do"] = "consume", ["queue"] = Queue, ["ledger"] = _ledger };
        if (arguments["failAt"] is { } failAt)
            command["failAt"] = _scene.Feed.EventIdOf((int)failAt);
        return StartConsumerAsync(command);
    }

    private string Queue => $"audit-{_number}";

    // It has declared its queue when it is there.
    private async Task StartConsumerAsync(JsonObject command)
    {
        await _driver.AskAsync(command);
        Assert.True(await Polling.UntilAsync(async _ => await _scene.HasConsumerAsync(Queue), Waits.Longest, Token), "no consumer");
    }

    private async Task EventsAsync(int[] expected)
    {
        await Polling.UntilAsync(_ => Task.FromResult(Handled().Length >= expected.Length), Waits.Longest, Token);
        Assert.Equal(expected, Handled());
    }

    private async Task EventsAtLeastOnceAsync(int[] expected)
    {
        await Polling.UntilAsync(_ => Task.FromResult(!expected.Except(Handled()).Any()), Waits.Longest, Token);
        Assert.Equal(expected, Handled().Distinct().Order());
    }

    private Task Altered(int[] expected)
    {
        Assert.Equal(expected, All().Where(one => (bool)one["isAltered"]!).Select(one => (int)one["sequence"]!));
        return Task.CompletedTask;
    }

    private async Task GapsAsync(JsonArray expected)
    {
        var wanted = expected.Select(gap => (AuditFeed.Stream, (int)gap![0]!, (int)gap[1]!)).ToArray();
        (string, int, int)[] found = [];
        await Polling.UntilAsync(
            async _ => (found = Read(await _driver.AskAsync(new() { ["do"] = "gaps", ["ledger"] = _ledger }))).SequenceEqual(wanted),
            Waits.Prompt, Token);
        Assert.Equal(wanted, found);

        static (string, int, int)[] Read(JsonObject answer) =>
            [.. answer["gaps"]!.AsArray().Select(gap => ((string)gap![0]!, (int)gap[1]!, (int)gap[2]!)).Order()];
    }

    private async Task EmptyAsync() => Assert.True(
        await Polling.UntilAsync(async _ => await _scene.IsEmptyAsync(Queue), Waits.Longest, Token), "the queue is not empty");

    private async Task KillAsync()
    {
        await _driver.KillAsync();
        _events.AddRange(_driver.Events);
        await _driver.DisposeAsync();
    }

    private int[] Handled() => [.. All().Select(one => (int)one["sequence"]!)];

    private IEnumerable<JsonObject> All() => _events.Concat(_driver.Events);

    private static int[] Sequences(JsonNode? array) => [.. array!.AsArray().Select(one => (int)one!)];

    // {driver} and {business} are this client's own: all of them meet at one worker.
    private JsonObject Fill(JsonObject step) => JsonNode.Parse(step.ToJsonString()
        .Replace("{driver}", $"{_number}", StringComparison.Ordinal)
        .Replace("\"{business}\"", $"{10 + _number}", StringComparison.Ordinal))!.AsObject();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
