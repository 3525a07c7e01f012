using System.Security.Cryptography;
using RabbitMQ.Client;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>A message that no worker can take.</summary>
/// <param name="Name">What is wrong with it; its message id.</param>
/// <param name="Exchange">Where it is published.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="Broken">How the reason begins: the broken field, or the SQLSTATE.</param>
/// <param name="Properties">As its producer sets them.</param>
internal sealed record Poison(string Name, string Exchange, byte[] Body, string Broken, BasicProperties Properties)
{
    /// <summary>The error queue that it belongs into.</summary>
    public string ErrorQueue => $"voice-worker.{Exchange}_error";

    /// <summary>Of its bytes; bodies are too large to be shown.</summary>
    public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Body));
}
