namespace VoiceWorker.Servers;

/// <summary>RabbitMQ has something of the same name that is not what the worker needs. Trying again would not
/// help.</summary>
/// <param name="what">Queue or exchange, with its name.</param>
/// <param name="expected">How the worker declares it.</param>
/// <param name="answer">What the broker says; it names the argument and what is there.</param>
/// <param name="remedy">What somebody can do.</param>
/// <param name="cause">The broker's refusal.</param>
public sealed class TopologyException(string what, string expected, string answer, string remedy, Exception cause)
    : Exception($"RabbitMQ refuses the {what}: {answer}. Expected: {expected}. {remedy}.", cause)
{
    /// <summary>What is refused, and how it would be right.</summary>
    public string Refusal { get; } = $"{what}: {answer}. Expected: {expected}";

    /// <summary>What somebody can do.</summary>
    public string Remedy { get; } = remedy;
}
