using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Tests.Unit.Contracts;

/// <summary>The approved text of what producers send and of the replies. A change here breaks somebody's program.</summary>
public sealed class MessageJsonTests
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 1, 31, 9, 30, 0, TimeSpan.Zero).AddMicroseconds(123456);

    [Fact]
    public void CallStarted_is_approved() => AssertApproved(
        """{"callId":"CA1","businessId":42,"startedAt":"2026-01-31T09:30:00.123456Z"}""",
        new CallStarted("CA1", 42, At), ContractsJson.Default.CallStarted);

    [Fact]
    public void BusinessVoiceChanged_is_approved() => AssertApproved(
        """{"businessId":42,"voiceId":"coral","changedAt":"2026-01-31T09:30:00.123456Z","changedBy":"admin"}""",
        new BusinessVoiceChanged(42, "coral", At, "admin"), ContractsJson.Default.BusinessVoiceChanged);

    [Fact]
    public void CallVoice_is_approved() => AssertApproved(
        """{"callId":"CA1","businessId":42,"voiceId":"coral","source":"business","reason":"businessVoice"}""",
        new CallVoice("CA1", 42, "coral", VoiceSource.Business, VoiceReason.BusinessVoice),
        ContractsJson.Default.CallVoice);

    [Fact]
    public void CallRefused_is_approved()
    {
        AssertApproved(
            """{"callId":"CA1","error":"invalidMessage","broken":[{"field":"businessId","rule":"required"}]}""",
            new CallRefused("CA1", RefusalError.InvalidMessage, [new BrokenField("businessId", "required")]),
            ContractsJson.Default.CallRefused);
        AssertApproved(
            """{"error":"invalidMessage","broken":[]}""", new CallRefused(null, RefusalError.InvalidMessage, []),
            ContractsJson.Default.CallRefused);
    }

    [Fact]
    public void VoiceChangeResult_is_approved()
    {
        AssertApproved(
            """{"businessId":42,"voiceId":"coral","changedAt":"2026-01-31T09:30:00.123456Z","outcome":"updated","standingVoiceId":"coral"}""",
            new VoiceChangeResult(42, "coral", At, ChangeOutcome.Updated, null, "coral"),
            ContractsJson.Default.VoiceChangeResult);
        AssertApproved(
            """{"businessId":42,"voiceId":"coral","changedAt":"2026-01-31T09:30:00.123456Z","outcome":"rejected","reason":"unknownBusiness","standingVoiceId":null}""",
            new VoiceChangeResult(42, "coral", At, ChangeOutcome.Rejected, ChangeRejection.UnknownBusiness, null),
            ContractsJson.Default.VoiceChangeResult);
    }

    [Fact]
    public void ChangeRefused_is_approved()
    {
        AssertApproved(
            """{"businessId":42,"error":"invalidMessage","broken":[{"field":"voiceId","rule":"required"}]}""",
            new ChangeRefused(42, RefusalError.InvalidMessage, [new BrokenField("voiceId", "required")]),
            ContractsJson.Default.ChangeRefused);
        AssertApproved(
            """{"error":"invalidMessage","broken":[]}""", new ChangeRefused(null, RefusalError.InvalidMessage, []),
            ContractsJson.Default.ChangeRefused);
    }

    [Fact]
    public void Enums_are_written_as_camel_case_words()
    {
        Assert.Equal(["business", "default"], NamesOf<VoiceSource>());
        Assert.Equal(
            ["businessVoice", "unknownBusiness", "noVoice", "unsupportedVoice", "databaseUnavailable"],
            NamesOf<VoiceReason>());
        Assert.Equal(["unknownBusiness", "unsupportedVoice", "superseded"], NamesOf<ChangeRejection>());
        Assert.Equal(["updated", "rejected"], NamesOf<ChangeOutcome>());
        Assert.Equal(["invalidMessage", "notRecorded"], NamesOf<RefusalError>());
    }

    [Fact]
    public void Unknown_fields_are_ignored()
    {
        var call = JsonSerializer.Deserialize(
            """
            {"v":2,"callId":"CA1","nested":{"callId":"other","list":[1,{"a":null}]},"businessId":42,
             "startedAt":"2026-01-31T09:30:00.123456Z","CallId":"other case"}
            """,
            ContractsJson.Default.CallStarted);

        Assert.Equal(new CallStarted("CA1", 42, At), call);
    }

    [Fact]
    public void Fields_that_are_missing_or_null_have_their_default_value()
    {
        var missing = JsonSerializer.Deserialize("{}", ContractsJson.Default.BusinessVoiceChanged);
        var absent = JsonSerializer.Deserialize(
            """{"voiceId":null,"changedAt":null,"changedBy":null}""", ContractsJson.Default.BusinessVoiceChanged);

        Assert.Equal(new BusinessVoiceChanged(0, null!, default), missing);
        Assert.Equal(missing, absent);
    }

    internal static void AssertApproved<T>(string approved, T message, JsonTypeInfo<T> type)
    {
        Assert.Equal(approved, JsonSerializer.Serialize(message, type));
        Assert.Equal(approved, JsonSerializer.Serialize(JsonSerializer.Deserialize(approved, type)!, type));
    }

    private static IEnumerable<string?> NamesOf<T>() where T : struct, Enum =>
        Enum.GetValues<T>().Select(value => JsonSerializer.SerializeToElement(value).GetString());
}
