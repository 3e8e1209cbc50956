package cases

import "go.yaml.in/yaml/v3"

// Causes are written as one, or as a list of which any is right.
type Causes []string

// UnmarshalYAML reads either.
func (c *Causes) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*c = Causes{n.Value}
		return nil
	}
	var list []string
	err := n.Decode(&list)
	*c = list
	return err
}
