using System.Diagnostics;
using Xunit;

namespace VoiceWorker.Tests.EndToEnd.Clients;

/// <summary>Whether callers waited as long as they were told and no longer, on a machine that others use too.</summary>
/// <remarks>Threads that do nothing but wait as long as a caller say how much longer that takes here and now.</remarks>
internal sealed class Waiting : IDisposable
{
    // A client's timeout, and what it may take beyond it, in ms.
    private const double Timeout = 300;
    private const double Beyond = 50;
    private const double Longest = 1_000;
    private const int Threads = 20;

    private readonly ManualResetEventSlim _end = new();
    private readonly Lock _lock = new();
    private readonly List<Thread> _threads;
    private double _worst;

    private Waiting() => _threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(Wait))];

    /// <summary>From now on.</summary>
    public static Waiting Start()
    {
        var waiting = new Waiting();
        waiting._threads.ForEach(thread => thread.Start());
        return waiting;
    }

    /// <summary>None of these callers, who all had a timeout of 0.3 s, has waited longer.</summary>
    /// <param name="who">They are.</param>
    /// <param name="waited">In ms.</param>
    public void AssertKept(string who, IReadOnlyList<double> waited)
    {
        var here = Worst();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{who}: {waited.Count} calls waited {waited.Max():F0} ms at most, one of a hundred "
            + $"{waited.Order().ElementAt(waited.Count * 99 / 100):F0} ms; a wait without a client took {here:F0} ms too long");
        // A machine that stands still for a moment does so for one call of a hundred, and not for a second.
        Assert.InRange(waited.Count(ms => ms > Timeout + Beyond + here), 0, waited.Count / 100);
        Assert.InRange(waited.Max(), 0, Longest + here);
    }

    public void Dispose()
    {
        _end.Set();
        _threads.ForEach(thread => thread.Join());
        _end.Dispose();
    }

    private double Worst()
    {
        lock (_lock)
            return _worst;
    }

    private void Wait()
    {
        while (!_end.IsSet)
        {
            var begin = Stopwatch.GetTimestamp();
            if (_end.Wait(TimeSpan.FromMilliseconds(Timeout)))
                return;
            var longer = Stopwatch.GetElapsedTime(begin).TotalMilliseconds - Timeout;
            lock (_lock)
                _worst = Math.Max(_worst, longer);
        }
    }
}
