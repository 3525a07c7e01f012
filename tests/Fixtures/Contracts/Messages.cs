using System.Text;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;
using VoiceWorker.Contracts.Validation;

namespace VoiceWorker.Tests.Fixtures;

/// <summary>Valid messages, and the way from bytes to a message that passes its rules, as an endpoint goes it.</summary>
internal static class Messages
{
    public const string Call = """{"callId":"CA1","businessId":42,"startedAt":"2026-01-31T09:30:00Z"}""";

    public const string Change =
        """{"businessId":42,"voiceId":"coral","changedAt":"2026-01-31T09:30:00.5+01:00","changedBy":"admin"}""";

    public static string Enveloped(string message) =>
        $$$"""
        {"messageId":"019c1234-5678-7abc-8def-0123456789ab","requestId":null,"responseAddress":"rabbitmq://localhost/reply",
         "messageType":["urn:message:Legacy:CallStarted"],"message":{{{message}}},"sentTime":"2026-01-31T09:30:00Z",
         "headers":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","n":1},"host":{"machineName":"web"}}
        """;

    public static CallStarted ReadCall(string json) => ReadCall(Encoding.UTF8.GetBytes(json));

    public static CallStarted ReadCall(byte[] body) => Checked(ContractReader.Read(body, ContractsJson.Default.CallStarted));

    public static BusinessVoiceChanged ReadChange(byte[] body) =>
        Checked(ContractReader.Read(body, ContractsJson.Default.BusinessVoiceChanged));

    /// <summary>Null when the envelope carries no message, which the endpoint refuses.</summary>
    public static CallStarted? ReadEnvelopedCall(byte[] body) =>
        ReadEnvelope(body, EnvelopeJson.Default.EnvelopeCallStarted) is { } call ? Checked(call) : null;

    public static BusinessVoiceChanged? ReadEnvelopedChange(byte[] body) =>
        ReadEnvelope(body, EnvelopeJson.Default.EnvelopeBusinessVoiceChanged) is { } change ? Checked(change) : null;

    private static T? ReadEnvelope<T>(byte[] body, JsonTypeInfo<Envelope<T>> type) where T : class =>
        ContractReader.Read(body, type).Message;

    private static CallStarted Checked(CallStarted call)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(call));
        return call;
    }

    private static BusinessVoiceChanged Checked(BusinessVoiceChanged change)
    {
        InvalidMessageException.ThrowIfAny(ContractRules.Check(change));
        return change;
    }
}
