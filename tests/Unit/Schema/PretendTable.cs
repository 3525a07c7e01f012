using System.Text.RegularExpressions;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Tests.Unit.Schema;

/// <summary>As much of PostgreSQL as migration 58 needs: refuses what the server would refuse.</summary>
internal sealed partial class PretendTable
{
    private readonly Dictionary<string, bool> _checks = [];
    private VoiceIdState _column;

    public PretendTable(VoiceIdState state)
    {
        _column = state;
        if (state.CheckName is { } name)
            _checks[name] = state.Check is CheckState.Valid;
    }

    public int Statements { get; private set; }

    /// <summary>As the catalog would show it.</summary>
    public VoiceIdState State => _column with
    {
        Check = _checks.Count == 0 ? CheckState.None : _checks.ContainsValue(false) ? CheckState.NotValidated : CheckState.Valid,
        CheckName = _checks.Keys.FirstOrDefault(),
    };

    /// <summary>Runs a script as psql does: comments and backslash commands are not for the server.</summary>
    public void Run(string script)
    {
        foreach (Match statement in Statement().Matches(PsqlLine().Replace(script, "")))
        {
            if (!SessionSetting().IsMatch(statement.Value))
                Execute(statement.Value.Trim());
        }
    }

    private void Execute(string sql)
    {
        Statements++;
        if (sql.StartsWith("DO $$", StringComparison.Ordinal))
        {
            Assert.Contains("UPDATE public.business SET voice_id = 'ash'", sql, StringComparison.Ordinal);
            _column = _column with { HasNulls = false };
            return;
        }

        var action = AlterTable().Match(sql);
        Assert.True(action.Success, sql);
        Alter(action.Groups[1].Value);
    }

    private void Alter(string action)
    {
        var name = Constraint().Match(action).Groups[1].Value;
        switch (action)
        {
            case "ADD COLUMN voice_id varchar(32) NOT NULL DEFAULT 'ash'":
                Assert.True(_column.Type is null, "42701 duplicate column");
                _column = MigrationStates.Target;
                break;
            case "ALTER COLUMN voice_id TYPE varchar(32)":
                _column = _column with { Type = "character varying(32)" };
                break;
            case "ALTER COLUMN voice_id SET DEFAULT 'ash'":
                _column = _column with { Default = "'ash'::character varying" };
                break;
            case "ALTER COLUMN voice_id SET NOT NULL":
                Assert.False(_column.HasNulls, "23502 contains null values");
                _column = _column with { IsNotNull = true };
                break;
            default:
                AlterConstraint(action, name);
                break;
        }
    }

    private void AlterConstraint(string action, string name)
    {
        if (action == $"ADD CONSTRAINT {name} CHECK (voice_id IS NOT NULL) NOT VALID")
        {
            Assert.True(_checks.TryAdd(name, false), $"42710 {name} exists");
            return;
        }

        Assert.True(_checks.ContainsKey(name), $"42704 {name} does not exist: {action}");
        if (action == $"DROP CONSTRAINT {name}")
        {
            _checks.Remove(name);
            return;
        }

        Assert.Equal($"VALIDATE CONSTRAINT {name}", action);
        Assert.False(_column.HasNulls, "23514 is violated by some row");
        _checks[name] = true;
    }

    [GeneratedRegex(@"(DO \$\$.*?\$\$|[^;])*?;", RegexOptions.Singleline)]
    private static partial Regex Statement();

    [GeneratedRegex(@"^(--|\\).*$", RegexOptions.Multiline)]
    private static partial Regex PsqlLine();

    [GeneratedRegex(@"^\s*(SET|RESET) lock_timeout")]
    private static partial Regex SessionSetting();

    [GeneratedRegex(@"^ALTER TABLE public\.business (.*?);?$")]
    private static partial Regex AlterTable();

    [GeneratedRegex(@"CONSTRAINT (\w+)")]
    private static partial Regex Constraint();
}
