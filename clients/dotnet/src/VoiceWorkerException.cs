namespace VoiceWorker.Client;

/// <summary>What all errors of this package have in common.</summary>
public abstract class VoiceWorkerException : Exception
{
    private protected VoiceWorkerException(string message) : base(message)
    {
    }
}
