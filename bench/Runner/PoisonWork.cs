using System.Text.Json;
using RabbitMQ.Client.Events;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bench;

/// <summary>Calls that break the contract, each in one of three ways.</summary>
internal sealed class PoisonWork(int count) : IWork
{
    private static readonly string[] Fields = ["callId", "businessId", "startedAt"];

    public string Exchange => Exchanges.CallStarted;

    public int Count => count;

    /// <summary>What is wrong with it, by turns.</summary>
    public static string FieldOf(int index) => Fields[index % Fields.Length];

    public byte[] Body(int index) => JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?>
    {
        ["callId"] = FieldOf(index) == "callId" ? "" : $"CA-dead-{index:D8}",
        ["businessId"] = FieldOf(index) == "businessId" ? "none" : Businesses.Known(index),
        ["startedAt"] = FieldOf(index) == "startedAt" ? "soon" : "2026-01-31T09:30:00Z",
    });

    public Observation Observe(BasicDeliverEventArgs auditEvent) =>
        throw new NotSupportedException("No event comes of a message that breaks its contract");
}
