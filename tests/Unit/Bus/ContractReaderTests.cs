using System.Text;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Contracts.Json;

namespace VoiceWorker.Tests.Unit.Bus;

public sealed class ContractReaderTests
{
    private const string Secret = "S3CRET";
    private static readonly DateTimeOffset At = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("businessId", "\"42-S3CRET\"")]
    [InlineData("businessId", "\"42\"")]
    [InlineData("businessId", "1.5")]
    [InlineData("businessId", "3e10")]
    [InlineData("businessId", "2147483648")]
    [InlineData("businessId", "true")]
    [InlineData("businessId", "null")]
    [InlineData("businessId", "[42]")]
    [InlineData("businessId", "{\"S3CRET\":1}")]
    [InlineData("callId", "5")]
    [InlineData("callId", "true")]
    [InlineData("callId", "null")]
    [InlineData("callId", "[\"S3CRET\"]")]
    [InlineData("callId", "{\"businessId\":\"S3CRET\"}")]
    [InlineData("callId", "\"S3CRET\\ud800\"")]
    [InlineData("callId", "\"\\udc00S3CRET\"")]
    [InlineData("callId", "\"S3CRET\\u0000\"")]
    [InlineData("callId", "\"S3CRET\\n\"")]
    [InlineData("startedAt", "5")]
    [InlineData("startedAt", "null")]
    [InlineData("startedAt", "\"S3CRET\"")]
    [InlineData("startedAt", "\"2026-01-31T09:30:00\"")]
    [InlineData("startedAt", "\"2026-01-31T09:30:0\\ud800Z\"")]
    public void A_value_that_is_wrong_is_named_by_field_and_rule_and_never_quoted(string field, string value)
    {
        var fields = new Dictionary<string, string>
        {
            ["callId"] = "\"CA1\"", ["businessId"] = "42", ["startedAt"] = "\"2026-01-31T09:30:00Z\"", [field] = value,
        };
        var json = "{" + string.Join(',', fields.Select(pair => $"\"{pair.Key}\":{pair.Value}")) + "}";

        var invalid = Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(json));

        var broken = Assert.Single(invalid.Broken);
        Assert.Equal(field, broken.Field);
        Assert.StartsWith("required: ", broken.Rule, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, invalid.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("\"S3CRET\"")]
    [InlineData("S3CRET")]
    [InlineData("{S3CRET:1}")]
    [InlineData("{\"S3CRET\":tru")]
    [InlineData("{\"callId\":\"CA1\"}{\"S3CRET\":1}")]
    [InlineData("{} S3CRET")]
    [InlineData("<message>S3CRET</message>")]
    public void A_body_that_is_not_the_json_of_the_contract_is_refused_without_quoting_it(string body)
    {
        var invalid = Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(body));

        Assert.Equal("body", Assert.Single(invalid.Broken).Field);
        Assert.DoesNotContain(Secret, invalid.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"callId\":\"CA1\"")]
    [InlineData("{\"callId\":\"CA1\" \"businessId\":42}")]
    [InlineData("{\"callId\":\"CA1\"]")]
    public void Malformed_json_is_not_blamed_on_the_field_before_it(string body) => Assert.Equal(
        "body", Assert.Single(Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(body)).Broken).Field);

    // A refusal becomes a header of the error queue, and the size of headers is limited.
    [Fact]
    public void A_refusal_is_short_whatever_was_sent()
    {
        var body = $$"""{"{{new string('x', 1_000_000)}}":tru""";

        Assert.InRange(Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(body)).Message.Length, 1, 500);
    }

    [Fact]
    public void Every_truncation_of_a_message_is_refused()
    {
        var (call, enveloped) = (Encoding.UTF8.GetBytes(Messages.Call), Encoding.UTF8.GetBytes(Messages.Enveloped(Messages.Call)));

        for (var length = 0; length < call.Length; length++)
            Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(call[..length]));
        for (var length = 0; length < enveloped.Length; length++)
            Assert.Throws<InvalidMessageException>(() => Messages.ReadEnvelopedCall(enveloped[..length]));
    }

    [Theory]
    [InlineData("[", "")]
    [InlineData("{\"a\":", "1")]
    public void Nesting_10_000_deep_is_refused(string opening, string inner)
    {
        var deep = string.Concat(Enumerable.Repeat(opening, 10_000)) + inner;

        Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(deep));
        Assert.Throws<InvalidMessageException>(() => Messages.ReadCall($$"""{"ignored":{{deep}}}"""));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused()
    {
        byte[] body = [.. "{\"callId\":\"CA"u8, 0xFF, 0xFE, .. "\",\"businessId\":42,\"startedAt\":\"2026-01-31T09:30:00Z\"}"u8];

        var invalid = Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(body));

        Assert.Equal("callId", Assert.Single(invalid.Broken).Field);
    }

    [Fact]
    public void A_byte_order_mark_is_accepted() =>
        Assert.Equal(new CallStarted("CA1", 42, At), Messages.ReadCall([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Messages.Call)]));

    [Fact]
    public void Of_a_field_that_is_given_twice_the_last_one_counts_and_is_checked()
    {
        var call = Messages.ReadCall("""{"callId":"CA1","callId":"CA2","businessId":42,"startedAt":"2026-01-31T09:30:00Z"}""");
        var invalid = Assert.Throws<InvalidMessageException>(() => Messages.ReadCall(
            """{"callId":"CA1","businessId":42,"startedAt":"2026-01-31T09:30:00Z","callId":""}"""));

        Assert.Equal("CA2", call.CallId);
        Assert.Equal("callId", Assert.Single(invalid.Broken).Field);
    }

    [Fact]
    public void A_message_of_many_broken_fields_names_them_all() => Assert.Equal(
        ["callId", "businessId", "startedAt"],
        Assert.Throws<InvalidMessageException>(() => Messages.ReadCall("{}")).Broken.Select(broken => broken.Field));

    [Theory]
    [InlineData("{\"changedBy\":5}", "changedBy")]
    [InlineData("{\"voiceId\":{}}", "voiceId")]
    [InlineData("{\"changedAt\":\"yesterday\"}", "changedAt")]
    public void A_wrong_field_of_a_change_is_named(string json, string field)
    {
        var invalid = Assert.Throws<InvalidMessageException>(
            () => ContractReader.Read(Encoding.UTF8.GetBytes(json), ContractsJson.Default.BusinessVoiceChanged));

        Assert.Equal(field, Assert.Single(invalid.Broken).Field);
    }
}
