namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A server could not be had; the message says why and what would help.</summary>
public sealed class ServerUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
