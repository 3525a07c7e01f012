using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.Tests.Unit.WebConsole;

/// <summary>Words and SQL of what the doctor recommends.</summary>
public sealed class RemedyTests
{
    [Fact]
    public void Words_alone_stay_words() =>
        Assert.Equal(new Remedy("run migrate as voice_migrator", null), Remedy.Of("run migrate as voice_migrator"));

    [Fact]
    public void Grants_are_a_statement_on_each_line_and_what_follows_the_dash_is_words()
    {
        var remedy = Remedy.Of(
            "GRANT SELECT ON a TO b; GRANT UPDATE (voice_id) ON c TO b — or run docs/roles.sql as a superuser");

        Assert.Equal("GRANT SELECT ON a TO b;\nGRANT UPDATE (voice_id) ON c TO b;", remedy.Sql);
        Assert.Equal("or run docs/roles.sql as a superuser", remedy.Words);
    }

    [Fact]
    public void A_policy_is_dropped_and_created_on_two_lines() => Assert.Equal(
        "DROP POLICY IF EXISTS p ON t;\nCREATE POLICY p ON t TO r USING (true) WITH CHECK (true);",
        Remedy.Of("DROP POLICY IF EXISTS p ON t; CREATE POLICY p ON t TO r USING (true) WITH CHECK (true);").Sql);

    [Fact]
    public void A_statement_with_a_comment_behind_it_stays_as_it_is() => Assert.Equal(
        "ALTER TABLE t ADD COLUMN v text; -- on every subscriber, before migrate",
        Remedy.Of("ALTER TABLE t ADD COLUMN v text; -- on every subscriber, before migrate").Sql);
}
