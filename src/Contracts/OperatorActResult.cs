using System.Text.Json.Serialization;

namespace VoiceWorker.Contracts;

/// <summary>How an act of an operator ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperatorActResult>))]
public enum OperatorActResult
{
    /// <summary>All of it is done.</summary>
    [JsonStringEnumMemberName("done")] Done,

    /// <summary>It reached its end, and some of it could not be done.</summary>
    [JsonStringEnumMemberName("incomplete")] Incomplete,

    /// <summary>The change that was asked for is recorded, and was not made.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,

    /// <summary>The operator ended it before its end.</summary>
    [JsonStringEnumMemberName("interrupted")] Interrupted,

    /// <summary>A failure ended it before its end.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}
