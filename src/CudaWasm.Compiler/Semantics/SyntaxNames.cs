using CudaWasm.Compiler.Syntax;

namespace CudaWasm.Compiler.Semantics;

/// <summary>The simple names that appear in a piece of syntax: for the packs of an expansion and what a lambda captures.</summary>
internal static class SyntaxNames
{
    public static HashSet<string> Of(SyntaxNode node)
    {
        var names = new HashSet<string>();
        Collect(node, names);
        return names;
    }

    private static void Collect(IEnumerable<SyntaxNode?> nodes, HashSet<string> names)
    {
        foreach (var node in nodes) Collect(node, names);
    }

    private static void Collect(NameSyntax name, HashSet<string> names)
    {
        names.Add(name.Parts[0].Identifier);
        foreach (var part in name.Parts)
        {
            foreach (var argument in part.Arguments ?? [])
            {
                Collect(argument.Type, names);
                Collect(argument.Expression, names);
            }
        }
    }

    private static void Collect(ConditionSyntax? condition, HashSet<string> names)
    {
        Collect(condition?.Expression, names);
        Collect(condition?.Declaration, names);
    }

    private static void Collect(SyntaxNode? node, HashSet<string> names)
    {
        switch (node)
        {
            case null:
                break;
            case NameExpression e:
                Collect(e.Name, names);
                break;
            case NamedTypeSyntax t:
                Collect(t.Name, names);
                break;
            case PointerTypeSyntax t:
                Collect(t.Element, names);
                break;
            case ReferenceTypeSyntax t:
                Collect(t.Element, names);
                break;
            case ArrayTypeSyntax t:
                Collect([t.Element, t.Size], names);
                break;
            case PackTypeSyntax t:
                Collect(t.Pattern, names);
                break;
            case DecltypeSyntax t:
                Collect(t.Expression, names);
                break;
            case UnaryExpression e:
                Collect(e.Operand, names);
                break;
            case BinaryExpression e:
                Collect([e.Left, e.Right], names);
                break;
            case AssignmentExpression e:
                Collect([e.Target, e.Value], names);
                break;
            case ConditionalExpression e:
                Collect([e.Condition, e.WhenTrue, e.WhenFalse], names);
                break;
            case CallExpression e:
                Collect(e.Callee, names);
                Collect(e.Arguments, names);
                break;
            case IndexExpression e:
                Collect([e.Target, e.Index], names);
                break;
            case MemberExpression e:
                Collect(e.Target, names);
                break;
            case CastExpression e:
                Collect(e.Type, names);
                Collect(e.Arguments, names);
                break;
            case SizeOfExpression e:
                Collect([e.Type, e.Expression], names);
                break;
            case InitializerList e:
                Collect(e.Elements.Select(x => (SyntaxNode)x.Value), names);
                break;
            case PackExpansionExpression e:
                Collect(e.Pattern, names);
                break;
            case FoldExpression e:
                Collect([e.Left, e.Right], names);
                break;
            case LambdaExpression e:
                Collect(e.Function.Body, names);
                break;
            case CompoundStatement s:
                Collect(s.Statements, names);
                break;
            case ExpressionStatement s:
                Collect(s.Expression, names);
                break;
            case DeclarationStatement s:
                Collect(s.Declarations, names);
                break;
            case VariableDeclaration d:
                Collect(d.Type, names);
                Collect(d.Initializers, names);
                break;
            case IfStatement s:
                Collect(s.Condition, names);
                Collect([s.Initializer, s.Then, s.Else], names);
                break;
            case ForStatement s:
                Collect(s.Condition, names);
                Collect([s.Initializer, s.Step, s.Body], names);
                break;
            case RangeForStatement s:
                Collect([s.Range, s.Body], names);
                break;
            case WhileStatement s:
                Collect(s.Condition, names);
                Collect(s.Body, names);
                break;
            case DoStatement s:
                Collect([s.Body, s.Condition], names);
                break;
            case SwitchStatement s:
                Collect(s.Condition, names);
                Collect([s.Initializer, s.Body], names);
                break;
            case CaseStatement s:
                Collect([s.Value, s.Statement], names);
                break;
            case LabelStatement s:
                Collect(s.Statement, names);
                break;
            case ReturnStatement s:
                Collect(s.Value, names);
                break;
        }
    }
}
