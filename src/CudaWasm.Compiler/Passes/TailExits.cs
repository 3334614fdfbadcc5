using CudaWasm.Compiler.IR;

namespace CudaWasm.Compiler.Passes;

/// <summary>
/// Takes exits out of thread loops where structure says the same: <c>if (c) return; rest</c> becomes <c>if (c) {} else { rest }</c>,
/// and an exit at the end of what it leaves goes. Vector code pays for an exit that some lanes take with a mask; for a branch it has one anyway.
/// </summary>
internal static class TailExits
{
    public static void Apply(IrFunction kernel)
    {
        foreach (var loop in IrTree.All(kernel.Body).OfType<IrThreadLoop>()) Block(loop.Body, [new Exit(null, false)]);
    }

    /// <param name="Target">Null for a return.</param>
    /// <param name="IsContinue">To the step of the loop.</param>
    private readonly record struct Exit(IrLabel? Target, bool IsContinue);

    /// <param name="block">To change.</param>
    /// <param name="tail">The exits that say nothing at the end of the block.</param>
    private static void Block(IrBlock block, IReadOnlyCollection<Exit> tail)
    {
        var statements = block.Statements;
        for (var i = 0; i < statements.Count; i++)
        {
            if (ExitOf(statements[i]) is not null)
            {
                statements.RemoveRange(i + 1, statements.Count - i - 1);
            }
            else if (statements[i] is IrIf { Else.IsEmpty: true } branch && i < statements.Count - 1
                && branch.Then.Statements.LastOrDefault() is { } last && ExitOf(last) is { } exit && tail.Contains(exit))
            {
                branch.Else.Statements.AddRange(statements.Skip(i + 1));
                statements.RemoveRange(i + 1, statements.Count - i - 1);
            }
        }

        if (statements.LastOrDefault() is { } end && ExitOf(end) is { } dropped && tail.Contains(dropped)) statements.RemoveAt(statements.Count - 1);
        for (var i = 0; i < statements.Count; i++)
        {
            Inside(statements[i], i == statements.Count - 1 ? tail : []);
            if (statements[i] is not IrLabeled labeled || IrTree.All(labeled.Body).Any(s => s is IrLeave leave && leave.Target == labeled.Label)) continue;
            statements.RemoveAt(i);
            statements.InsertRange(i, labeled.Body.Statements);
            i += labeled.Body.Statements.Count - 1;
        }
    }

    private static void Inside(IrStatement statement, IReadOnlyCollection<Exit> tail)
    {
        switch (statement)
        {
            case IrIf s:
                Block(s.Then, tail);
                Block(s.Else, tail);
                break;
            case IrLabeled s:
                Block(s.Body, [.. tail, new Exit(s.Label, false)]);
                break;
            case IrLoop s:
                Block(s.Body, [new Exit(s.Label, true)]);
                Block(s.Step, []);
                break;
            case IrSwitch s:
                // Sections run on into the next ones, so only the last one ends the switch.
                for (var i = 0; i < s.Sections.Count; i++) Block(s.Sections[i].Body, i == s.Sections.Count - 1 ? tail : []);
                break;
        }
    }

    private static Exit? ExitOf(IrStatement statement) => statement switch
    {
        IrReturn => new Exit(null, false),
        IrLeave s => new Exit(s.Target, false),
        IrContinue s => new Exit(s.Target, true),
        _ => null,
    };
}
