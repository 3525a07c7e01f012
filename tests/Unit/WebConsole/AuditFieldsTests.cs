using Microsoft.AspNetCore.Http;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence.Audit;
using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>Which audit events a page means.</summary>
public sealed class AuditFieldsTests
{
    [Theory]
    [InlineData("42", "business-42")]
    [InlineData("business-42", "business-42")]
    [InlineData("operators", "operators")]
    [InlineData("schema", "schema")]
    [InlineData("seals", "seals")]
    public void A_stream_is_the_number_of_a_business_or_one_of_the_names(string given, string stream)
    {
        var query = AuditFields.Read(Of($"?stream={given}"));

        Assert.Equal(stream, query.Stream);
    }

    [Theory]
    [InlineData("stream", "0")]
    [InlineData("stream", "business-x")]
    [InlineData("call", "a%0Ab")]
    [InlineData("sequence", "5..3")]
    [InlineData("type", "CallStarted")]
    [InlineData("reason", "because")]
    [InlineData("source", "moon")]
    [InlineData("voice", "123456789012345678901234567890123")]
    public void What_no_event_can_be_of_is_a_fault_of_its_field(string field, string value)
    {
        var given = Of($"?{field}={value}");

        AuditFields.Read(given);

        Assert.Equal([field], given.Faults.Keys);
    }

    [Fact]
    public void Every_field_narrows_the_query()
    {
        var query = AuditFields.Read(Of(
            "?stream=7&call=c-1&sequence=3..5&from=2026-01-01&to=2026-01-02&type=CallVoiceResolved"
            + "&reason=businessVoice&source=business&voice=coral"));

        Assert.Equal(
            new AuditQuery
            {
                Stream = "business-7", CallId = "c-1", Sequences = new(3, 5), Type = typeof(CallVoiceResolved),
                From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), To = new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero),
                Reason = "businessVoice", Source = "business", Voice = "coral",
            }, query);
    }

    [Fact]
    public void Each_type_of_event_has_words_of_its_own() =>
        Assert.Equal(AuditFields.Types.Count, AuditFields.Types.Select(type => type.Text).Distinct().Count());

    private static Given Of(string query)
    {
        var http = new DefaultHttpContext();
        http.Request.QueryString = new QueryString(query);
        return new(http);
    }
}
