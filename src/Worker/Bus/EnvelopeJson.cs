using System.Text.Json.Serialization;
using VoiceWorker.Contracts;

namespace VoiceWorker.Bus;

/// <summary>Reading and writing of envelopes without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Envelope<CallStarted>))]
[JsonSerializable(typeof(Envelope<BusinessVoiceChanged>))]
[JsonSerializable(typeof(Dictionary<string, object>))]
[JsonSerializable(typeof(ReplyEnvelope<CallVoice>))]
[JsonSerializable(typeof(ReplyEnvelope<FaultReply>))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
