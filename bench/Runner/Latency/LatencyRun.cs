using System.Text.Json;
using RabbitMQ.Client;
using VoiceWorker.Bench.Broker;
using VoiceWorker.Bench.Judging;
using VoiceWorker.Bench.Systems;
using VoiceWorker.Bench.Work;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench.Latency;

/// <summary>One run of one system: a warm-up, then each rate for a while. Every call asks for a reply.</summary>
internal sealed class LatencyRun(BenchServers servers, BenchBroker broker, SystemUnderTest system, LatencyOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CallWork _work = new("bench", LatencyOptions.WarmUp + options.Rates.Sum() * options.Seconds);
    private string _replyQueue = "";

    public async Task<IReadOnlyList<LatencyFigures>> MeasureAsync(CancellationToken cancellationToken)
    {
        var (arrivals, judge) = (new Arrivals(_work.Count), new Judge(_work.Count));
        await using var database = await BenchDatabase.CreateAsync(servers, cancellationToken);
        await using var process = await RunningSystem.StartAsync(system, servers, database, broker, cancellationToken);
        await ListenAsync(arrivals, judge, cancellationToken);
        await SendAsync(arrivals, cancellationToken);
        await Polling.UntilAsync(_ => Task.FromResult(arrivals.IsComplete), Patience, cancellationToken);
        await process.StopAsync(cancellationToken);
        await broker.DeleteAsync([.. system.AllQueues, _replyQueue], cancellationToken);
        if (!arrivals.IsComplete)
            throw new InvalidOperationException(
                $"{system.Name}: a reply or an event did not come within {Patience}: {judge.Conclude()}. Its output:\n{process.Output}");
        return Summarise(arrivals, judge.Conclude());
    }

    private async Task ListenAsync(Arrivals arrivals, Judge judge, CancellationToken cancellationToken)
    {
        _replyQueue = (await broker.Channel.QueueDeclareAsync("", cancellationToken: cancellationToken)).QueueName;
        await broker.ConsumeAsync(_replyQueue, reply =>
            arrivals.Replied(IndexOf(reply.Body.Span)), cancellationToken);
        await broker.ConsumeAsync(SystemUnderTest.AuditQueue, auditEvent =>
        {
            var observed = _work.Observe(auditEvent);
            arrivals.Audited(observed.Index);
            judge.Add(observed);
        }, cancellationToken);
    }

    private int IndexOf(ReadOnlySpan<byte> reply) =>
        _work.IndexOf(JsonSerializer.Deserialize(reply, ContractsJson.Default.CallVoice)!.CallId);

    // On a thread of its own: it sleeps between the moments.
    private async Task SendAsync(Arrivals arrivals, CancellationToken cancellationToken)
    {
        await using var channel = await broker.OpenChannelAsync(cancellationToken);
        var (first, rates) = (0, options.Rates.Select(rate => (Calls: rate * options.Seconds, Rate: rate)));
        foreach (var (calls, rate) in rates.Prepend((LatencyOptions.WarmUp, options.Rates[0])))
        {
            var offset = first;
            await Task.Factory.StartNew(
                () => Pace.Keep(calls, rate, (index, due) => Send(channel, arrivals, offset + index, due), cancellationToken),
                cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            first += calls;
        }
    }

    private void Send(IChannel channel, Arrivals arrivals, int index, long due)
    {
        arrivals.Due(index, due);
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent, ContentType = "application/json",
            ReplyTo = _replyQueue, CorrelationId = $"{index}",
        };
        var published = channel.BasicPublishAsync(_work.Exchange, "", mandatory: false, properties, _work.Body(index), CancellationToken.None);
        if (!published.IsCompletedSuccessfully)
            published.AsTask().GetAwaiter().GetResult();
        arrivals.Sent(index);
    }

    private List<LatencyFigures> Summarise(Arrivals arrivals, Verdict verdict)
    {
        var (first, figures) = (LatencyOptions.WarmUp, new List<LatencyFigures>());
        foreach (var rate in options.Rates)
        {
            var (reply, audit, generator) = arrivals.Of(first..(first + rate * options.Seconds));
            figures.Add(new LatencyFigures(system.Name, rate, reply, audit, generator, verdict));
            first += rate * options.Seconds;
        }

        return figures;
    }
}
