using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MassTransit;

namespace VoiceWorker.Bus;

/// <summary>A message as an endpoint has read it, or what can be told of one that breaks its contract.</summary>
/// <typeparam name="T">The contract.</typeparam>
/// <param name="Context">What came with it.</param>
/// <param name="Message">As far as it could be read.</param>
/// <param name="Failure">Why that is not all; null when it is.</param>
internal sealed record Reading<T>(MessageContext Context, T? Message, InvalidMessageException? Failure = null)
    where T : class
{
    private static readonly string[] FaultTypes =
        [MessageUrn.ForTypeString<Fault<T>>(), MessageUrn.ForTypeString<Fault>()];

    /// <summary>The caller to answer, also when there is no message.</summary>
    public Asker Asker => new(
        Context, typeof(T), Message, IsWhole: Failure is null, MessageUrn.ForTypeString<T>(), FaultTypes);

    /// <summary>The message.</summary>
    /// <exception cref="InvalidMessageException">There is none.</exception>
    public ReceivedMessage<T> Received => Failure is null ? new(Message!, Context) : throw Failure;

    /// <summary>What could not be read as a whole, read field by field: every rule that it breaks.</summary>
    /// <param name="json">The message's JSON; null when it is none.</param>
    /// <param name="failure">Where the reading stopped.</param>
    public static Reading<T> Broken(
        MessageContext context, object? json, JsonTypeInfo<T> type, InvalidMessageException failure)
    {
        if (json is not JsonElement { ValueKind: JsonValueKind.Object } fields)
            return new(context, null, failure);
        var message = FieldReader.Read(fields, type, out var broken);
        return new(context, message, broken.Count == 0 ? failure : new InvalidMessageException(broken));
    }
}
