using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using RabbitMQ.Client;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Bench;

/// <summary>Calls that ask for a reply at fixed moments, whatever happened at those before: an open loop, so that a
/// slow answer delays no later question and is not left out of the figures.</summary>
internal sealed partial class Callers(BenchBroker broker, CallWork work) : IAsyncDisposable
{
    private const double NanosecondsPerSecond = 1e9;
    private const int MostExamples = 5;

    private readonly long[] _due = new long[work.Count];
    private readonly long[] _sent = new long[work.Count];
    private readonly long[] _replied = new long[work.Count];
    private readonly long[] _audited = new long[work.Count];
    private readonly CallVoice?[] _replies = new CallVoice?[work.Count];
    private IChannel? _asking;
    private int _answers;
    private int _events;

    public string ReplyQueue { get; private set; } = "";

    /// <summary>Calls that have their first reply.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>Every call has its reply and its event.</summary>
    public bool IsComplete => Answers + Volatile.Read(ref _events) == 2 * work.Count;

    public IReadOnlyList<CallVoice?> Replies => _replies;

    /// <summary>Takes replies from now on.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken) => ReplyQueue = await broker.ListenAsync(
        reply => Replied(JsonSerializer.Deserialize(reply.Body.Span, ContractsJson.Default.CallVoice)!),
        cancellationToken);

    /// <summary>The reply to a call has arrived.</summary>
    public void Replied(CallVoice voice)
    {
        var index = work.IndexOf(voice.CallId);
        if (IsFirst(_replied, index))
        {
            _replies[index] = voice;
            Interlocked.Increment(ref _answers);
        }
    }

    /// <summary>The same, and audit events, which the judge is shown as well.</summary>
    public async Task FollowAsync(Judge judge, CancellationToken cancellationToken)
    {
        await ListenAsync(cancellationToken);
        await broker.ConsumeAsync(SystemUnderTest.AuditQueue, auditEvent =>
        {
            var observed = work.Observe(auditEvent);
            Audited(observed.Index);
            judge.Add(observed);
        }, cancellationToken);
    }

    /// <summary>The event of a call has arrived.</summary>
    public void Audited(int index)
    {
        if (IsFirst(_audited, index))
            Interlocked.Increment(ref _events);
    }

    /// <summary>Sends a stretch of the calls, on a thread of its own: it sleeps between the moments.</summary>
    public async Task AskAsync(int first, int count, int perSecond, CancellationToken cancellationToken)
    {
        // Without confirms, and so not closed before everything is answered: RabbitMQ can drop what a channel has
        // published to a quorum queue last when the channel closes at once.
        var channel = _asking ??= await broker.OpenChannelAsync(cancellationToken);
        await Task.Factory.StartNew(() =>
        {
            var start = Stopwatch.GetTimestamp();
            for (var index = 0; index < count; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var moment = start + (long)((double)index / perSecond * Stopwatch.Frequency);
                SleepUntil(moment);
                Send(channel, first + index, moment);
            }
        }, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Milliseconds of a stretch of calls; how late the generator itself was, too.</summary>
    public (Delays Reply, Delays Audit, Delays Generator) Of(Range stretch) =>
        (RepliesOf(stretch), Between(_audited, stretch), Between(_sent, stretch));

    public Delays RepliesOf(Range stretch) => Between(_replied, stretch);

    /// <summary>How many calls have no reply, and no event, and the first of them: one with neither was never taken,
    /// one with its event alone was taken and has lost its reply.</summary>
    public string Missing()
    {
        var open = Enumerable.Range(0, work.Count).Where(index => !Has(_replied, index) || !Has(_audited, index));
        return $"{work.Count - Answers} without a reply, {work.Count - Volatile.Read(ref _events)} without an event"
            + string.Concat(open.Take(MostExamples).Select(index =>
                $"\n    {work.CallIdOf(index)}: {(Has(_replied, index) ? "" : "no ")}reply, "
                + $"{(Has(_audited, index) ? "" : "no ")}event"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_asking is { } channel)
            await channel.DisposeAsync();
    }

    private static bool Has(long[] arrived, int index) => Volatile.Read(ref arrived[index]) != 0;

    private static bool IsFirst(long[] arrived, int index) =>
        index >= 0 && Interlocked.CompareExchange(ref arrived[index], Stopwatch.GetTimestamp(), 0) == 0;

    private void Send(IChannel channel, int index, long due)
    {
        _due[index] = due;
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json",
            ReplyTo = ReplyQueue, CorrelationId = $"{index}",
        };
        var published = channel.BasicPublishAsync(
            work.Exchange, "", mandatory: false, properties, work.Body(index), CancellationToken.None);
        if (!published.IsCompletedSuccessfully)
            published.AsTask().GetAwaiter().GetResult();
        _sent[index] = Stopwatch.GetTimestamp();
    }

    // What never arrived is left out.
    private Delays Between(long[] then, Range stretch) => Delays.Of(then[stretch].Zip(_due[stretch])
        .Where(call => call.First != 0)
        .Select(call => Stopwatch.GetElapsedTime(call.Second, call.First).TotalMilliseconds));

    // .NET's own timers are a millisecond late or more, which is what is to be measured; spinning would take a core.
    private static void SleepUntil(long moment)
    {
        var left = (moment - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency;
        if (left <= 0)
            return;
        var pause = new TimeSpec((nint)left, (nint)(left % 1 * NanosecondsPerSecond));
        _ = NanoSleep(in pause, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec pause, nint remaining);

    private readonly record struct TimeSpec(nint Seconds, nint Nanoseconds);
}

/// <summary>Milliseconds from the moment a call was due until what it led to was there.</summary>
internal sealed record Delays(double P50, double P95, double P99, double Max)
{
    public static Delays Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        double At(double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
        return new Delays(At(0.5), At(0.95), At(0.99), sorted[^1]);
    }
}
