namespace VoiceWorker.Bus;

/// <summary>A delivery failed and is to be delivered again.</summary>
/// <param name="cause">Why; its text is not repeated.</param>
public sealed class TransientFaultException(Exception cause)
    : Exception($"{cause.GetType().Name}: the message is delivered again", cause);
