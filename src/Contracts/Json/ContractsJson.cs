using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts.Json;

/// <summary>How every message looks on the wire: camelCase, unknown fields ignored, no reflection at run
/// time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CallStarted))]
[JsonSerializable(typeof(BusinessVoiceChanged))]
[JsonSerializable(typeof(CallVoice))]
[JsonSerializable(typeof(CallRefused))]
[JsonSerializable(typeof(VoiceChangeResult))]
[JsonSerializable(typeof(ChangeRefused))]
[JsonSerializable(typeof(CallVoiceResolved))]
[JsonSerializable(typeof(BusinessVoiceUpdated))]
[JsonSerializable(typeof(BusinessVoiceChangeRejected))]
[JsonSerializable(typeof(SchemaMigrated))]
[JsonSerializable(typeof(HistoryLost))]
[JsonSerializable(typeof(TrailSealed))]
[JsonSerializable(typeof(OperatorActed))]
public sealed partial class ContractsJson : JsonSerializerContext;
