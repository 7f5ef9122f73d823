package connectortest

// CheckNames lists the checks, for the test that each of them can fail.
func CheckNames() []string {
	var names []string
	for _, c := range allChecks() {
		names = append(names, c.name)
	}
	return names
}

// CheckedCapabilities lists the capabilities that some check needs.
func CheckedCapabilities() []string {
	var names []string
	for _, c := range allChecks() {
		names = append(names, c.needs...)
	}
	return names
}
