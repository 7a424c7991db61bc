// A bot that has nothing to say: the framework's own work is what is measured.
module.exports = async function App() {};
