using System.Text.Json.Nodes;
using VoiceWorker.Verbs.Shell;

namespace VoiceWorker.Tests.Unit.Verbs.Shell;

/// <summary>JSON for scripts, fit for a terminal.</summary>
public sealed class JsonScreenTests
{
    [Theory]
    [InlineData("O'Brien <ada+ci@example.org> & Zoë, 日本", "O'Brien <ada+ci@example.org> & Zoë, 日本")]
    [InlineData("say \"ash\" \\ twice", "say \\\"ash\\\" \\\\ twice")]
    [InlineData("\e[2J\n", "\\u001B[2J\\n")]
    [InlineData("\U0001F600", "\\uD83D\\uDE00")]
    [InlineData("\u202Eturned\u2028around\u0085", "\\u202Eturned\\u2028around\\u0085")]
    public void Text_stays_what_it_is_and_what_could_move_the_cursor_is_escaped(string text, string written)
    {
        var document = new JsonObject { ["by"] = text };

        Assert.Equal($$"""{"by":"{{written}}"}""", JsonScreen.Line(document));
        Assert.Equal($"{{\n  \"by\": \"{written}\"\n}}", JsonScreen.Text(document));
        Assert.Equal(text, (string?)JsonNode.Parse(JsonScreen.Line(document))!["by"]);
    }
}
