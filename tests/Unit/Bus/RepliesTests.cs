using System.Reflection;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.Time.Testing;
using RabbitMQ.Client;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Observability;

namespace VoiceWorker.Tests.Unit.Bus;

/// <summary>Callers that have stopped waiting: their reply is not sent, and is a lost one.</summary>
public sealed class RepliesTests
{
    private const string Lost =
        "Replies to callers are lost: the caller had stopped waiting before there was an answer";

    private static readonly DateTimeOffset Now = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);
    private static readonly CallStarted Call = new("CA1", 42, Now);
    private static readonly CallVoice Voice = new("CA1", 42, "ash", VoiceSource.Default, VoiceReason.NoVoice);

    private readonly RecordingLogger<ReplyLosses> _logger = new();
    private readonly Replies _replies;

    // There is no publisher: nothing may be sent.
    public RepliesTests()
    {
        var time = new FakeTimeProvider(Now);
        _replies = new Replies(publisher: null!, new ReplyLosses(WorkerMetrics.Unheard, time, _logger), time);
    }

    public static TheoryData<string> Impatient { get; } = ["expiration", "expirationTime", "expired in its queue"];

    [Theory]
    [MemberData(nameof(Impatient))]
    public void An_answer_that_comes_too_late_is_a_lost_reply(string how)
    {
        var (delivery, reading) = Delivery(how);
        var request = new BodyConsumeContext(delivery, reading.Received);

        Assert.True(Replies.IsWanted(request));
        Assert.False(_replies.Send(
            request, Voice, ContractsJson.Default.CallVoice, EnvelopeJson.Default.ReplyEnvelopeCallVoice));

        Assert.Equal([Lost], _logger.Lines);
    }

    [Theory]
    [MemberData(nameof(Impatient))]
    public void A_refusal_that_comes_too_late_is_a_lost_reply(string how)
    {
        var (delivery, reading) = Delivery(how);

        _replies.Refuse(delivery, reading.Asker, "CallRefused", []);

        Assert.Equal([Lost], _logger.Lines);
    }

    [Theory]
    [MemberData(nameof(Impatient))]
    public void A_fault_that_comes_too_late_is_a_lost_reply(string how)
    {
        var (delivery, reading) = Delivery(how);

        _replies.SendFault(delivery, reading.Asker, new Uri("queue:caller"), []);

        Assert.Equal([Lost], _logger.Lines);
    }

    [Fact]
    public void Who_asks_for_no_reply_loses_none()
    {
        var (delivery, reading) = Delivery("expiration", replyTo: null);

        Assert.False(Replies.IsWanted(new BodyConsumeContext(delivery, reading.Received)));
        _replies.Refuse(delivery, reading.Asker, "CallRefused", []);

        Assert.Empty(_logger.Lines);
    }

    private static (ReceiveContext Delivery, Reading<CallStarted> Reading) Delivery(
        string how, string? replyTo = "caller")
    {
        var properties = new BasicProperties { ReplyTo = replyTo };
        if (how == "expiration")
            properties.Expiration = "100";
        if (how == "expired in its queue")
            properties.Headers = new Dictionary<string, object?> { [CallerPatience.Over] = true };
        var envelope = new Envelope<CallStarted>
        {
            ExpirationTime = how == "expirationTime" ? "2026-01-31T09:29:59Z" : null,
        };
        var reading = new Reading<CallStarted>(
            new EnvelopeMessageContext(envelope, SystemTextJsonMessageSerializer.Instance), Call);
        var consumed = DispatchProxy.Create<RabbitMqBasicConsumeContext, Consumed>();
        ((Consumed)(object)consumed).Properties = properties;
        var delivery = DispatchProxy.Create<ReceiveContext, ArrivedLongAgo>();
        ((ArrivedLongAgo)(object)delivery).Payloads = [consumed, reading.Asker];
        return (delivery, reading);
    }
}

/// <summary>A delivery of a second ago, with what it was given.</summary>
public class ArrivedLongAgo : DispatchProxy
{
    public IReadOnlyList<object> Payloads { get; set; } = [];

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod?.Name == "get_ElapsedTime")
            return TimeSpan.FromSeconds(1);
        // MassTransit's own contexts ask for how to publish and send, and do neither.
        if (targetMethod?.Name != nameof(PipeContext.TryGetPayload))
            return null;
        args![0] = Payloads.FirstOrDefault(payload => targetMethod.GetGenericArguments()[0].IsInstanceOfType(payload));
        return args[0] is not null;
    }
}

/// <summary>As RabbitMQ has delivered it.</summary>
public class Consumed : DispatchProxy
{
    public IReadOnlyBasicProperties? Properties { get; set; }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod?.Name == "get_Properties" ? Properties : throw new NotSupportedException(targetMethod?.Name);
}
