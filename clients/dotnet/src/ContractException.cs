using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Client;

/// <summary>A message breaks its contract, found before it was sent or by the worker; sent again, it breaks it
/// again. Never holds a value of the message.</summary>
public sealed class ContractException : VoiceWorkerException
{
    /// <summary>For stand-ins of <see cref="IVoiceClient"/> too.</summary>
    /// <param name="broken">Each broken rule.</param>
    /// <param name="error">What is wrong.</param>
    public ContractException(IReadOnlyList<BrokenField> broken, RefusalError error = RefusalError.InvalidMessage)
        : base(TextOf(broken)) => (Broken, Error) = (broken, error);

    /// <summary>Each broken rule, in the words of the contract; its field is empty where the message as a whole is
    /// meant.</summary>
    public IReadOnlyList<BrokenField> Broken { get; }

    /// <summary><see cref="RefusalError.NotRecorded"/> for a change that the worker could not record.</summary>
    public RefusalError Error { get; }

    internal static ContractException? Of(IReadOnlyList<BrokenRule> broken) => broken.Count == 0
        ? null : new ContractException([.. broken.Select(rule => new BrokenField(rule.Field, rule.Explain()))]);

    private static string TextOf(IReadOnlyList<BrokenField> broken) => string.Join(
        "; ", broken.Select(one => $"{(one.Field.Length == 0 ? "message" : one.Field)}: {one.Rule}"));
}
