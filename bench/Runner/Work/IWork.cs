using RabbitMQ.Client.Events;
using VoiceWorker.Bench.Judging;

namespace VoiceWorker.Bench.Work;

/// <summary>Messages by index, and how to tell which of them an audit event belongs to.</summary>
internal interface IWork
{
    /// <summary>Where the messages go.</summary>
    string Exchange { get; }

    /// <summary>How many there are.</summary>
    int Count { get; }

    byte[] Body(int index);

    /// <summary>Reads an audit event.</summary>
    Observation Observe(BasicDeliverEventArgs auditEvent);
}
