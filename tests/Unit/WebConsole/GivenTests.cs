using Microsoft.AspNetCore.Http;
using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>What the address of a page asks for.</summary>
public sealed class GivenTests
{
    [Theory]
    [InlineData("2026-01-31", "2026-01-31T00:00:00Z")]
    [InlineData("2026-01-31 09:30", "2026-01-31T09:30:00Z")]
    [InlineData("2026-01-31 09:30:15 UTC", "2026-01-31T09:30:15Z")]
    [InlineData("2026-01-31 09:30:15.250 UTC", "2026-01-31T09:30:15.25Z")]
    [InlineData("2026-01-31T09:30:15Z", "2026-01-31T09:30:15Z")]
    [InlineData("2026-01-31T09:30:15.1234567+02:00", "2026-01-31T07:30:15.1234567Z")]
    public void A_time_is_read_as_pages_logs_and_verbs_write_it(string given, string meant)
    {
        var page = Of(("from", given));

        Assert.Equal(DateTimeOffset.Parse(meant, null), page.Instant("from"));
        Assert.True(page.IsReadable);
    }

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("31.1.2026")]
    [InlineData("2026-02-30")]
    [InlineData("2026-01-31 25:00")]
    public void What_is_no_time_is_a_fault_of_its_field(string given)
    {
        var page = Of(("from", given));

        Assert.Null(page.Instant("from"));
        Assert.StartsWith("a day or a time such as", page.Faults["from"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_span_that_ends_before_it_begins_is_a_fault()
    {
        var page = Of(("from", "2026-02-01"), ("to", "2026-01-01"));

        page.Span("from", "to");

        Assert.Equal("a time before the end", page.Faults["from"]);
    }

    [Fact]
    public void What_is_empty_or_blank_was_not_given()
    {
        var page = Of(("operator", ""), ("verb", "  "));

        Assert.Null(page.Text("operator", 10));
        Assert.Null(page.Text("verb", 10));
        Assert.True(page.IsReadable);
    }

    [Theory]
    [InlineData("a\u202Eb")]
    [InlineData("12345678901")]
    public void A_text_that_cannot_be_printed_or_is_too_long_is_a_fault(string given)
    {
        var page = Of(("operator", given));

        Assert.Null(page.Text("operator", 10));
        Assert.Equal("1–10 printable characters", page.Faults["operator"]);
    }

    [Fact]
    public void A_link_keeps_the_filters_and_leaves_out_the_job()
    {
        var page = Of(("operator", "a&b"), ("result", ""), ("job", "1"), ("before", "x"));

        Assert.Equal("/acts?operator=a%26b&before=y", page.Address(("before", "y")));
        Assert.Equal("/acts?operator=a%26b", page.Address(("before", null)));
    }

    private static Given Of(params (string Field, string Value)[] fields)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = "/acts";
        http.Request.QueryString = QueryString.Create(
            fields.Select(one => KeyValuePair.Create<string, string?>(one.Field, one.Value)));
        return new(http);
    }
}
