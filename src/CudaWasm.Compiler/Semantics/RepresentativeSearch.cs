using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

/// <summary>A kernel template of which some arguments are not known.</summary>
/// <param name="Template">The kernel.</param>
/// <param name="Open">The parameters, its own or those of the host template that launches it, that need arguments.</param>
/// <param name="Instantiate">The instance for a choice; null where it does not fit.</param>
internal sealed record OpenKernel(TemplateSymbol Template, IReadOnlyList<TemplateParameterSyntax> Open, Func<IReadOnlyDictionary<string, TemplateArgument>, FunctionSymbol?> Instantiate);

/// <summary>What compiling a kernel with one choice of arguments gave.</summary>
/// <param name="Kernel">Null where there is no such instance.</param>
/// <param name="Symbol">The instance.</param>
/// <param name="Errors">0 where it compiled; more the earlier it failed.</param>
/// <param name="Work">Statements bound.</param>
internal sealed record Trial(CompiledKernel? Kernel, FunctionSymbol? Symbol, int Errors, int Work);

/// <summary>
/// Finds template arguments that a kernel compiles with, by hill climbing on the number of errors: one parameter at a time takes
/// each candidate, and keeps the one that leaves the fewest. Bounded by attempts and by work, so the same file always gives the same.
/// </summary>
internal sealed class RepresentativeSearch(SemanticModel model, Func<Binder> newBinder, Func<FunctionSymbol, IReadOnlyList<HostLaunch>, Trial> compile)
{
    private const int MaxAttempts = 200;
    private const int MaxWork = 100_000;
    private const int MaxWorkOfFile = 1_000_000;
    private const int Rounds = 3;

    private readonly Dictionary<string, Dictionary<string, TemplateArgument>> _found = [];
    private int _work;

    /// <summary>The first choice that compiles, else the one with the fewest errors.</summary>
    public Trial Find(OpenKernel kernel, IReadOnlyList<HostLaunch> launches)
    {
        var key = string.Join(",", kernel.Open.Select(p => p.Name));
        if (_found.GetValueOrDefault(key) is { } again && Try(kernel, again, launches) is { Errors: 0 } known) return known;
        var choice = kernel.Open.ToDictionary(p => p.Name!, Representatives.First);
        var best = Try(kernel, choice, launches);
        var (attempts, end) = (0, _work + MaxWork);
        for (var round = 0; round < Rounds && best.Errors > 0; round++)
        {
            var isBetter = false;
            foreach (var parameter in kernel.Open)
            {
                var (name, kept) = (parameter.Name!, choice[parameter.Name!]);
                foreach (var candidate in Representatives.For(parameter, model, newBinder(), choice))
                {
                    if (candidate.Key == kept.Key) continue;
                    if (++attempts > MaxAttempts || _work > Math.Min(end, MaxWorkOfFile)) return best;
                    var trial = new Dictionary<string, TemplateArgument>(choice) { [name] = candidate };
                    var attempt = Try(kernel, trial, launches);
                    if (attempt.Errors < best.Errors)
                    {
                        (best, kept, isBetter) = (attempt, candidate, true);
                    }

                    if (best.Errors == 0)
                    {
                        _found[key] = trial;
                        return best;
                    }
                }

                choice[name] = kept;
            }

            if (!isBetter) break;
        }

        return best;
    }

    private Trial Try(OpenKernel kernel, Dictionary<string, TemplateArgument> choice, IReadOnlyList<HostLaunch> launches)
    {
        _work++;
        try
        {
            if (kernel.Instantiate(choice) is not { } instance) return new Trial(null, null, int.MaxValue, 0);
            var attempt = compile(instance, launches);
            _work += attempt.Work;
            return attempt;
        }
        catch (SemanticException)
        {
            return new Trial(null, null, int.MaxValue, 0);
        }
    }
}
