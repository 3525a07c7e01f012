using System.Text.RegularExpressions;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

/// <summary>As much of PostgreSQL as migration 58 needs: refuses what the server would refuse.</summary>
internal sealed partial class PretendTable
{
    private const string CopyCheck = "business_voice_id_58_is_copy";

    private readonly Dictionary<string, bool> _checks = [];
    private VoiceIdState _column;
    private bool _hasShadow;
    private bool _hasTrigger;
    private bool _hasUncopied;

    public PretendTable(VoiceIdState state)
    {
        (_column, _hasUncopied) = (state, state.HasUncopied);
        if (state.CheckName is { } name)
            _checks[name] = state.Check is CheckState.Valid;
        _hasShadow = state.Shadow is not ShadowState.None;
        _hasTrigger = state.Shadow is not ShadowState.None and not ShadowState.Broken;
        if (state.Shadow is ShadowState.Checked or ShadowState.Proven)
            _checks[CopyCheck] = state.Shadow is ShadowState.Proven;
    }

    /// <summary>Transactions that changed anything.</summary>
    public int Transactions { get; private set; }

    /// <summary>As the catalog would show it.</summary>
    public VoiceIdState State
    {
        get
        {
            var checks = _checks.Where(check => check.Key != CopyCheck).ToDictionary();
            return _column with
            {
                Check = checks.Count == 0 ? CheckState.None : checks.ContainsValue(false) ? CheckState.NotValidated : CheckState.Valid,
                CheckName = checks.Keys.FirstOrDefault(),
                Shadow = Shadow(),
                HasUncopied = _hasUncopied,
            };
        }
    }

    /// <summary>Runs a script as psql does: comments and backslash commands are not for the server.</summary>
    public void Run(string script)
    {
        foreach (Match statement in Statement().Matches(PsqlLine().Replace(script, "")))
        {
            var sql = statement.Value.Trim().TrimEnd(';');
            if (sql == "BEGIN" || sql.StartsWith("DO $$ DECLARE", StringComparison.Ordinal))
                Transactions++;
            if (!Bystander().IsMatch(sql))
                Execute(sql);
        }
    }

    private ShadowState Shadow() => (_hasShadow, _hasTrigger, _checks.TryGetValue(CopyCheck, out var valid), valid) switch
    {
        (false, false, _, _) => ShadowState.None,
        (true, true, false, _) => ShadowState.Filling,
        (true, true, true, false) => ShadowState.Checked,
        (true, true, true, true) => ShadowState.Proven,
        _ => ShadowState.Broken,
    };

    private void Execute(string sql)
    {
        if (sql.StartsWith("DO $$ DECLARE", StringComparison.Ordinal))
        {
            Fill(sql);
            return;
        }

        if (sql.StartsWith("CREATE TRIGGER", StringComparison.Ordinal))
        {
            Assert.True(_hasShadow, "the trigger would fail every write");
            return;
        }

        if (sql.StartsWith("DROP TRIGGER", StringComparison.Ordinal))
        {
            Assert.True(_hasTrigger || sql.Contains("IF EXISTS", StringComparison.Ordinal), "42704 no such trigger");
            _hasTrigger = false;
            return;
        }

        var action = AlterTable().Match(sql);
        Assert.True(action.Success, sql);
        foreach (var part in action.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
            Alter(part);
    }

    private void Fill(string sql)
    {
        if (sql.Contains("UPDATE public.business SET voice_id = 'ash'", StringComparison.Ordinal))
            _column = _column with { HasNulls = false };
        else if (sql.Contains("UPDATE public.business SET voice_id_58 = voice_id", StringComparison.Ordinal))
            _hasUncopied = false;
        else
            Assert.Fail(sql);
    }

    private void Alter(string action)
    {
        switch (action)
        {
            case "ADD COLUMN voice_id varchar(32) NOT NULL DEFAULT 'ash'":
                Assert.True(_column.Type is null, "42701 duplicate column");
                _column = MigrationStates.Target;
                break;
            case "ALTER COLUMN voice_id TYPE varchar(32)":
                Assert.True(_column.Type != "text" || _column.Default is null, "the default would become an expression of text");
                _column = _column with { Type = "character varying(32)", IsSmall = false };
                break;
            case "ALTER COLUMN voice_id DROP DEFAULT":
                _column = _column with { Default = null };
                break;
            case "ALTER COLUMN voice_id SET DEFAULT 'ash'":
                _column = _column with { Default = _column.Type == "text" ? "'ash'::text" : "'ash'::character varying" };
                break;
            case "ALTER COLUMN voice_id SET NOT NULL":
                Assert.False(_column.HasNulls, "23502 contains null values");
                _column = _column with { IsNotNull = true };
                break;
            default:
                AlterShadow(action);
                break;
        }
    }

    private void AlterShadow(string action)
    {
        switch (action)
        {
            case "ADD COLUMN voice_id_58 varchar(32)":
                Assert.False(_hasShadow, "42701 duplicate column");
                (_hasShadow, _hasUncopied) = (true, true);
                break;
            case "ALTER COLUMN voice_id_58 SET DEFAULT 'ash'":
                break;
            case "ENABLE ALWAYS TRIGGER zzz_voice_id_58":
                _hasTrigger = true;
                break;
            case "ALTER COLUMN voice_id_58 SET NOT NULL":
                Assert.Equal(ShadowState.Proven, Shadow());
                break;
            case "DROP COLUMN voice_id":
                Assert.False(_hasTrigger, "the trigger would fail every write");
                _column = _column with { Type = null };
                break;
            case "DROP COLUMN IF EXISTS voice_id_58":
                (_hasShadow, _hasUncopied) = (false, false);
                break;
            case "RENAME COLUMN voice_id_58 TO voice_id":
                Assert.True(_column.Type is null, "42701 duplicate column");
                (_column, _hasShadow) = (MigrationStates.Target, false);
                break;
            default:
                AlterConstraint(action, Constraint().Match(action).Groups[1].Value);
                break;
        }
    }

    private void AlterConstraint(string action, string name)
    {
        if (action.StartsWith($"ADD CONSTRAINT {name} CHECK (voice_id", StringComparison.Ordinal))
        {
            Assert.EndsWith(" NOT VALID", action, StringComparison.Ordinal);
            Assert.True(_checks.TryAdd(name, false), $"42710 {name} exists");
            return;
        }

        var isThere = _checks.ContainsKey(name);
        Assert.True(isThere || action.Contains("IF EXISTS", StringComparison.Ordinal), $"42704 {name} does not exist: {action}");
        if (action.StartsWith("DROP CONSTRAINT ", StringComparison.Ordinal))
        {
            _checks.Remove(name);
            return;
        }

        Assert.Equal($"VALIDATE CONSTRAINT {name}", action);
        Assert.False(name == CopyCheck ? _hasUncopied : _column.HasNulls, "23514 is violated by some row");
        _checks[name] = true;
    }

    [GeneratedRegex(@"(?>(?:\$(\w*)\$.*?\$\1\$|[^;$]+)+);", RegexOptions.Singleline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"^\s*(--|\\).*$", RegexOptions.Multiline)]
    private static partial Regex PsqlLine();

    // Transactions, locks, the record of the run, and what changes nothing that the plan looks at.
    [GeneratedRegex(@"^(BEGIN|COMMIT|SET lock_timeout|RESET lock_timeout|SELECT pg_advisory_|LOCK TABLE|DO \$lock\$|DO \$swap\$"
        + @"|DO \$\$ BEGIN\s+IF EXISTS|INSERT INTO voice\.migration_run|UPDATE voice\.migration_run|CREATE OR REPLACE FUNCTION|DROP FUNCTION)")]
    private static partial Regex Bystander();

    [GeneratedRegex(@"^ALTER TABLE public\.business (.*)$", RegexOptions.Singleline)]
    private static partial Regex AlterTable();

    [GeneratedRegex(@"CONSTRAINT (?:IF EXISTS )?(\w+)")]
    private static partial Regex Constraint();
}
