using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients.Conformance;

/// <summary>Calls of one client, twenty at once, until they are ended, and so many at least.</summary>
internal sealed class CallStream
{
    public const int Least = 1_000;
    private const int Lanes = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentQueue<(JsonObject Call, JsonObject Answer)> _done = [];
    private readonly Driver _driver;
    private readonly string _name;
    private readonly double _timeout;
    private readonly Task _lanes;
    private volatile bool _isEnding;
    private int _asked;

    private CallStream(Driver driver, string name, double timeout)
    {
        (_driver, _name, _timeout) = (driver, name, timeout);
        _lanes = Task.WhenAll(Enumerable.Range(1, Lanes).Select(RunAsync));
    }

    public IReadOnlyList<(JsonObject Call, JsonObject Answer)> Done => [.. _done];

    /// <param name="driver">Whose client is called.</param>
    /// <param name="name">Begins the ids of the calls.</param>
    /// <param name="timeout">Of each, in seconds.</param>
    public static CallStream Begin(Driver driver, string name, double timeout) => new(driver, name, timeout);

    /// <summary>Returns when so many more answers, or defaults, have come.</summary>
    public async Task HearsAsync(string what, int times)
    {
        var before = Count();
        var hasHeard = await Polling.UntilAsync(
            _ => Task.FromResult(_lanes.IsFaulted || Count() >= before + times), Waits.Longest, Token);
        if (_lanes.IsFaulted)
            await _lanes;
        Assert.True(hasHeard, $"only {Count() - before} times {what}; {string.Join('\n', _driver.Log.TakeLast(20))}");

        int Count() => _done.Count(one => IsAnswer(one.Answer) == (what == "answer"));
    }

    /// <summary>Returns when the last one has been answered.</summary>
    public Task EndAsync()
    {
        _isEnding = true;
        return _lanes;
    }

    public static bool IsAnswer(JsonObject answer) => (string?)answer["reason"] is not ("timeout" or null);

    private async Task RunAsync(int business)
    {
        while (!_isEnding || _done.Count < Least)
        {
            var call = new JsonObject
            {
                ["do"] = "voiceFor", ["businessId"] = business, ["callId"] = $"CA-{_name}-{Interlocked.Increment(ref _asked)}",
                ["timeout"] = _timeout, ["default"] = "ash",
            };
            _done.Enqueue((call, await _driver.AskAsync(call)));
            await Task.Delay(Pause, Token);
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
