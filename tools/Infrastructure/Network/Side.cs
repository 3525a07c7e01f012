namespace VoiceWorker.Infrastructure.Network;

/// <summary>An end of a connection through the proxy.</summary>
public enum Side
{
    /// <summary>Who connected to the proxy.</summary>
    Client,

    /// <summary>Whom the proxy connected to.</summary>
    Server,
}
