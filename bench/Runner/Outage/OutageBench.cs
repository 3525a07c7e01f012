using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RabbitMQ.Client;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Latency;
using VoiceWorker.Bench.Machine;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Work;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Infrastructure.Servers;

namespace VoiceWorker.Bench.Outage;

/// <summary>How long callers wait for the default voice while PostgreSQL is stopped by SIGSTOP, and whether just that is
/// recorded once it goes on.</summary>
internal sealed class OutageBench(BenchBroker broker, int calls, int perSecond)
{
    private const int WarmUp = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CallWork _work = new("outage", WarmUp + calls);
    private readonly long[] _due = new long[WarmUp + calls];
    private readonly ConcurrentDictionary<int, (double Milliseconds, CallVoice Voice)> _replies = new();
    private string _replyQueue = "";

    /// <summary>0 when every caller was answered and every answer is what is recorded, else 1.</summary>
    public static async Task<int> RunAsync(int calls, int perSecond, CancellationToken cancellationToken)
    {
        var surroundings = Surroundings.Now();
        await using var servers = await BenchServers.FindAsync(cancellationToken);
        if (servers.Postgres is not ILocalServer postgres)
            throw new ServerUnavailableException("PostgreSQL is to be stopped by SIGSTOP: it has to run on this machine");
        await using var broker = await BenchBroker.OpenAsync(servers.RabbitMq.AmqpUri, cancellationToken);
        await using var database = await BenchDatabase.CreateAsync(servers, cancellationToken);
        var worker = SystemUnderTest.WorkerWithin(ReplyDeadline);
        await using var process = await RunningSystem.StartAsync(worker, servers, database, broker, cancellationToken);
        return await new OutageBench(broker, calls, perSecond).MeasureAsync(postgres, database, surroundings, cancellationToken);
    }

    private static TimeSpan ReplyDeadline => TimeSpan.FromMilliseconds(250);

    private async Task<int> MeasureAsync(
        ILocalServer postgres, BenchDatabase database, Surroundings surroundings, CancellationToken cancellationToken)
    {
        await ListenAsync(cancellationToken);
        await AskAsync(0, WarmUp, cancellationToken);
        postgres.Suspend();
        try
        {
            await AskAsync(WarmUp, calls, cancellationToken);
        }
        finally
        {
            postgres.Resume();
        }

        var recorded = await RecordedAsync(database, cancellationToken);
        return Report(recorded, surroundings);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        _replyQueue = (await broker.Channel.QueueDeclareAsync("", cancellationToken: cancellationToken)).QueueName;
        await broker.ConsumeAsync(_replyQueue, reply =>
        {
            var voice = JsonSerializer.Deserialize(reply.Body.Span, ContractsJson.Default.CallVoice)!;
            var index = _work.IndexOf(voice.CallId);
            _replies.TryAdd(index, (Stopwatch.GetElapsedTime(_due[index]).TotalMilliseconds, voice));
        }, cancellationToken);
    }

    private async Task AskAsync(int first, int count, CancellationToken cancellationToken)
    {
        await using var channel = await broker.OpenChannelAsync(cancellationToken);
        await Task.Factory.StartNew(
            () => Pace.Keep(count, perSecond, (index, due) => Send(channel, first + index, due), cancellationToken),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Polling.UntilAsync(_ => Task.FromResult(_replies.Count >= first + count), Patience, cancellationToken);
    }

    private void Send(IChannel channel, int index, long due)
    {
        _due[index] = due;
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent, ReplyTo = _replyQueue };
        var sent = channel.BasicPublishAsync(_work.Exchange, "", mandatory: false, properties, _work.Body(index), CancellationToken.None);
        if (!sent.IsCompletedSuccessfully)
            sent.AsTask().GetAwaiter().GetResult();
    }

    private async Task<Dictionary<string, string>> RecordedAsync(BenchDatabase database, CancellationToken cancellationToken)
    {
        var recorded = new Dictionary<string, string>();
        await Polling.UntilAsync(async token =>
        {
            recorded = await database.ReadAsync<string, string>("SELECT call_id, reason FROM voice.call_voice", token);
            return recorded.Count >= _work.Count;
        }, Patience, cancellationToken);
        return recorded;
    }

    private int Report(Dictionary<string, string> recorded, Surroundings surroundings)
    {
        var during = Enumerable.Range(WarmUp, calls).Where(_replies.ContainsKey).Select(index => _replies[index]).ToList();
        var unavailable = during.Where(reply => reply.Voice.Reason is VoiceReason.DatabaseUnavailable).ToList();
        var unlike = unavailable.Count(reply => recorded.GetValueOrDefault(reply.Voice.CallId) != "databaseUnavailable");
        Console.WriteLine(JsonSerializer.Serialize(surroundings));
        Console.WriteLine($"{calls} calls at {perSecond}/s while PostgreSQL is stopped, Replies:Deadline {ReplyDeadline.TotalMilliseconds} ms");
        Console.WriteLine($"answered {during.Count}, databaseUnavailable {unavailable.Count}, recorded otherwise {unlike}, not recorded {_work.Count - recorded.Count}");
        if (during.Count > 0)
        {
            var delays = Delays.Of(during.Select(reply => reply.Milliseconds));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ms to the reply: p50 {delays.P50:0.0}, p99 {delays.P99:0.0}, max {delays.Max:0.0}"));
        }

        return during.Count == calls && unlike == 0 && recorded.Count == _work.Count ? 0 : 1;
    }
}
